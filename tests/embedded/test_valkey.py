"""The embedded Valkey: what it keeps for itself and what it lets us do."""

import subprocess
from collections.abc import Iterator

import pytest
import redis
from redis.exceptions import NoPermissionError

from chat_project.embedded import Layout, Valkey


@pytest.fixture
def client(layout: Layout) -> Iterator[redis.Redis]:
    server = Valkey(layout)
    process = server.spawn(subprocess.DEVNULL, ending_with_us=True)
    server.wait_until_ready(process)
    with redis.Redis.from_url(f"{layout.redis_url}?db=3") as client:
        yield client
    server.stop()
    process.wait()


def test_it_listens_on_a_private_socket_alone(layout, client):
    assert client.ping()
    assert client.info("server")["tcp_port"] == 0
    assert layout.valkey_socket.stat().st_mode & 0o777 == 0o700


def test_dangerous_commands_are_off(client):
    for command in ("FLUSHALL", "CONFIG GET save", "ACL LIST", "MODULE LIST", "SHUTDOWN", "REPLICAOF a 1", "KEYS *"):
        with pytest.raises(NoPermissionError):
            client.execute_command(*command.split())


def test_what_cache_layer_and_celery_need_works(client):
    client.set("key", "value", ex=60, nx=True)
    client.lpush("queue", "task")
    assert client.brpop(["queue"], timeout=1) == (b"queue", b"task")
    assert client.register_script("return redis.call('GET', KEYS[1])")(keys=["key"]) == b"value"
    with client.pubsub() as channel:
        channel.subscribe("news")
        assert channel.get_message(timeout=1)["type"] == "subscribe"
        assert client.publish("news", "one") == 1
    client.flushdb()
    assert client.get("key") is None


def test_a_killed_one_is_replaced_on_the_same_socket(layout, client):
    pid = Valkey(layout).pid()
    subprocess.run(["kill", "-9", str(pid)], check=True)
    second = Valkey(layout)
    process = second.spawn(subprocess.DEVNULL, ending_with_us=True)
    second.wait_until_ready(process)
    assert second.pid() == process.pid
    second.stop()
    process.wait()

"""A Redis that takes connections and says nothing."""

import socket
import threading

import pytest
import redis

from chat_project.core import redis_pool
from chat_project.core.redis_pool import PatientPool


class Stub:
    """A server that counts who comes, and answers PING when it is told to."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.came = 0
        self.answers = False
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.came += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with connection:
            while asked := connection.recv(4096):
                if self.answers:
                    connection.sendall(b"+PONG\r\n" * asked.count(b"PING"))


@pytest.fixture
def stub():
    stub = Stub()
    yield stub
    stub.listener.close()


@pytest.fixture
def client(stub):
    # Without the words that a connection begins with, to which the stub has no answer.
    pool = PatientPool.from_url(
        f"redis://127.0.0.1:{stub.port}/0?protocol=2", socket_timeout=0.2, driver_info=None, retry=None
    )
    yield redis.Redis(connection_pool=pool)
    pool.disconnect()


def test_after_one_wait_in_vain_nobody_waits_until_it_is_tried_again(client, stub, monkeypatch):
    with pytest.raises(redis.TimeoutError):
        client.ping()
    came = stub.came
    for _ in range(5):
        with pytest.raises(redis.ConnectionError, match="hangs"):
            client.ping()
    assert stub.came == came

    monkeypatch.setattr(redis_pool, "REST_SECONDS", 60)
    later = redis_pool.time.monotonic() + 2
    monkeypatch.setattr(redis_pool.time, "monotonic", lambda: later)
    stub.answers = True
    assert client.ping()
    assert client.ping()


def test_one_caller_at_a_time_tries_whether_it_answers_again(client, stub, monkeypatch):
    with pytest.raises(redis.TimeoutError):
        client.ping()
    later = redis_pool.time.monotonic() + 2
    monkeypatch.setattr(redis_pool.time, "monotonic", lambda: later)
    pool = client.connection_pool
    trying = pool.get_connection()
    with pytest.raises(redis.ConnectionError, match="hangs"):
        client.ping()
    pool.release(trying)
    stub.answers = True
    assert client.ping()


def test_one_that_is_down_is_asked_each_time(stub, client):
    # Closing alone leaves it listening, for the thread that waits in accept.
    stub.listener.shutdown(socket.SHUT_RDWR)
    stub.listener.close()
    for _ in range(3):
        with pytest.raises(redis.ConnectionError) as refused:
            client.ping()
        assert "hangs" not in str(refused.value)

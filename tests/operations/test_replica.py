"""Reads that a replica serves, those that it does not, and what happens when it is behind or away."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from io import StringIO

import pytest
import urllib3
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from chat_project.core.db import replica as reading
from chat_project.core.db.replica import measure_lag, note_write
from chat_project.embedded.processes import wait_until
from conversations.services import ban_member
from tests.accounts.clients import Api
from tests.clients import RestClient, opened, signed_in
from tests.messaging.drafting import send
from tests.operations.cluster import Cluster
from tests.operations.replica import PATIENCE, Replica, replicated
from tests.server import LiveChat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("replica")]


@pytest.fixture(scope="module")
def standby(django_db_setup, django_db_blocker) -> Iterator[Replica]:
    with django_db_blocker.unblock():
        cluster = Cluster()
    with replicated(cluster) as running:
        yield running


@pytest.fixture
def replica(transactional_db, standby, settings, monkeypatch) -> Iterator[Replica]:
    """A replica that has all, and that the settings name."""
    standby.catch_up()
    settings.REPLICA_URL = standby.url
    # A slow machine replays late.
    settings.REPLICA_LAG_SECONDS = 3600
    settings.DATABASE_ROUTERS = ["chat_project.core.db.replica.Router"]
    place = deepcopy(connection.settings_dict)
    connections.settings["replica"] = {**place, "HOST": str(standby.socket_dir)}
    monkeypatch.setattr(reading, "_watch", reading._Watch())
    monkeypatch.setattr(reading, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(reading, "REST_SECONDS", 0.0)
    reconnect()
    yield standby
    connections["replica"].close()
    del connections["replica"]
    del connections.settings["replica"]


def reconnect() -> None:
    """Open the connection to the replica here: Django lets tests open those alone that their settings name."""
    connections["replica"].close()
    connections["replica"].connect()


def asked(call):
    """Return what a call returns, and how many statements it asked of the primary and of the replica."""
    with CaptureQueriesContext(connection) as primary, CaptureQueriesContext(connections["replica"]) as other:
        answer = call()
    return answer, len(primary), [query["sql"] for query in other.captured_queries]


def page(viewer: User, group) -> list[str]:
    """Return a page of history that is not the newest one, which is kept in Redis."""
    answer = Api.of(viewer).get(f"conversations/{group.pk}/messages?type=TEXT")
    assert answer.status_code == 200
    return [message["content"] for message in answer.json()["results"]]


def found(viewer: User, word: str) -> list[str]:
    answer = Api.of(viewer).get(f"search/messages?q={word}")
    assert answer.status_code == 200
    return [hit["message"]["content"] for hit in answer.json()["results"]]


def test_a_page_of_history_comes_from_the_replica_and_rights_from_the_primary(replica, group, owner, member):
    send(owner, group, "one")
    replica.catch_up()
    contents, _, there = asked(lambda: page(member, group))
    assert contents == ["one"]
    assert any("FROM messages m" in sql for sql in there)
    assert not any("conversation_members" in sql or "user_sessions" in sql for sql in there)


def test_media_and_searches_come_from_it_too(replica, group, owner, member):
    send(owner, group, "a heron")
    replica.catch_up()
    hits, _, there = asked(lambda: found(member, "heron"))
    assert hits == ["a heron"]
    assert any("search @@" in sql for sql in there)
    media, _, there = asked(lambda: Api.of(member).get(f"conversations/{group.pk}/media"))
    assert media.status_code == 200
    assert any("message_type" in sql for sql in there)


def test_a_replica_without_the_newest_message_is_not_asked_for_the_conversation(replica, group, owner, member):
    send(owner, group, "one")
    with replica.behind():
        send(owner, group, "two")
        assert page(member, group) == ["two", "one"]


def test_who_has_written_reads_their_own_writes_and_others_wait(replica, group, owner, member):
    send(owner, group, "an egret")
    with replica.behind():
        answer = Api.of(owner).post(f"conversations/{group.pk}/messages", {"content": "a second egret"})
        assert answer.status_code == 201
        note_write(owner.pk)
        assert found(owner, "egret") == ["a second egret", "an egret"]
        assert found(member, "egret") == ["an egret"]


def test_a_call_that_writes_is_noted_by_the_middleware(replica, group, owner):
    client = Client(HTTP_AUTHORIZATION=f"Bearer {signed_in(owner).tokens.access}")
    assert not reading._has_written(owner.pk)
    path = f"/api/v1/conversations/{group.pk}/messages"
    assert client.get(path).status_code == 200
    assert not reading._has_written(owner.pk)
    assert client.post(path, {"content": "x"}, content_type="application/json").status_code == 201
    assert reading._has_written(owner.pk)


def test_who_was_banned_a_moment_ago_reads_nothing(replica, group, owner, member):
    send(owner, group, "one")
    with replica.behind():
        ban_member(actor=owner, conversation_id=group.pk, user_id=member.pk, until=timezone.now() + timedelta(days=1))
        assert Api.of(member).get(f"conversations/{group.pk}/messages?type=TEXT").status_code == 404


def test_a_replica_that_is_too_far_behind_is_not_read(replica, group, owner, member, settings):
    send(owner, group, "a stork")
    with replica.behind():
        send(owner, group, "a second stork")
        settings.REPLICA_LAG_SECONDS = -1
        assert found(member, "stork") == ["a second stork", "a stork"]


def test_a_replica_that_is_away_is_done_without_and_asked_again_when_it_is_back(replica, group, owner, member):
    send(owner, group, "one")
    replica.catch_up()
    assert page(member, group) == ["one"]
    replica.stop()
    try:
        assert page(member, group) == ["one"]
        assert Client().get("/readyz").json()["parts"]["replica"]["status"] == "down"
    finally:
        replica.start()
    reconnect()
    contents, _, there = asked(lambda: page(member, group))
    assert contents == ["one"]
    assert there


def test_health_readiness_and_metrics_tell_how_far_it_is_behind(replica, group, owner):
    # Vacuum and checkpoints write too.
    assert wait_until(lambda: measure_lag().behind_seconds == 0, PATIENCE)
    with replica.behind():
        send(owner, group, "one")
        # The tests' server commits before its log is written.
        assert wait_until(lambda: measure_lag().behind_bytes > 0, PATIENCE)
        said = StringIO()
        call_command("db_health", "--json", stdout=said)
        assert json.loads(said.getvalue())["replica"]["behind_bytes"] > 0
        assert "bytes behind" in Client().get("/readyz").json()["parts"]["replica"]["detail"]
        metrics = Client().get("/metrics").content.decode()
        assert 'chat_up{part="replica"} 1.0' in metrics
        assert "chat_replica_behind_bytes 0.0" not in metrics


def test_a_primary_that_is_named_as_the_replica_is_told_apart(replica, settings):
    connections["replica"].settings_dict["HOST"] = connection.settings_dict["HOST"]
    reconnect()
    assert measure_lag() is None
    assert Client().get("/readyz").json()["parts"]["replica"]["detail"] == "REPLICA_URL names no replica"


async def test_what_a_socket_sends_is_noted_too(standby, group, owner):
    chat = await sync_to_async(LiveChat.started)(REPLICA_URL=standby.url)
    try:
        async with opened(chat, owner) as socket:
            assert (await socket.command("ping"))["ok"]
            assert not await sync_to_async(reading._has_written)(owner.pk)
            assert (await socket.command("message.send", conversation_id=group.pk, content="x"))["ok"]
            assert await sync_to_async(reading._has_written)(owner.pk)
    finally:
        await sync_to_async(chat.stop)()


def test_a_server_with_a_replica_serves_from_it(transactional_db, standby, group, owner, member, tmp_path):
    send(owner, group, "one")
    # All processes of a copy count together: those that run the tests read from replicas too.
    chat = LiveChat.started(REPLICA_URL=standby.url, PROMETHEUS_MULTIPROC_DIR=str(tmp_path))
    try:
        standby.catch_up()
        client = RestClient(chat, signed_in(member).tokens.access)
        before = served(chat)
        status, answer = client.call("GET", f"conversations/{group.pk}/messages?type=TEXT")
        assert (status, [each["content"] for each in answer["results"]]) == (200, ["one"])
        assert served(chat) == before + 1
    finally:
        chat.stop()


def served(chat: LiveChat) -> float:
    """Return how many reads the replica has served so far."""
    text = urllib3.request("GET", f"{chat.url}/metrics").data.decode()
    line = 'chat_replica_reads_total{result="replica"} '
    return sum(float(each.removeprefix(line)) for each in text.splitlines() if each.startswith(line))

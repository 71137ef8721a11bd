"""Watching presence in this process: what it costs, and what happens when a word or a part of the program is lost."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers, get_channel_layer
from django.conf import settings

from accounts import presence
from accounts.models import User
from accounts.presence import mark_offline, mark_online
from accounts.services.presence import SEEN_EVERY, note_offline, note_online, note_seen
from accounts.services.privacy import update_privacy
from chat_project.core.realtime import hub as hub_module
from chat_project.core.realtime import layer, publish
from chat_project.core.realtime.hub import Hub
from messaging.sockets.directory import DatabaseDirectory
from tests.factories import UserFactory
from tests.messaging.test_hub import Socket

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 5


class CountingDirectory(DatabaseDirectory):
    """The directory, which counts what it is asked, and fails on demand."""

    def __init__(self):
        self.looks = self.judgements = 0
        self.fails = False

    async def presences(self, user_ids):
        self.looks += 1
        return await super().presences(user_ids)

    async def sights(self, pairs):
        self.judgements += 1
        if self.fails:
            raise ConnectionError
        return await super().sights(pairs)


@pytest.fixture
async def hub(monkeypatch) -> AsyncIterator[Hub]:
    # What is looked up by the clock would count among what is looked up for a change, and so would what is looked up
    # for the beats of a server that another test has started.
    monkeypatch.setattr(hub_module, "RECHECK_SECONDS", 3600)
    for module in (layer, publish):
        monkeypatch.setattr(module, "group_of", lambda shard: f"watching.{shard}")
    hub = Hub(directory=CountingDirectory(), fragment=lambda event, data: None, shards=settings.REALTIME_SHARDS)
    await hub.start()
    yield hub
    await hub.stop()
    await get_channel_layer().flush()
    channel_layers.backends.clear()


async def attached(hub, user):
    socket = Socket(user)
    await hub.attach(socket)
    return socket


async def told(socket):
    """Return what a socket is told next of presence."""
    async with asyncio.timeout(PATIENCE):
        while True:
            events = [frame for frame in socket.frames if '"presence"' in str(frame)]
            if events:
                socket.frames.clear()
                return json.loads(events[-1])["data"]
            await asyncio.sleep(0.01)


async def test_a_coming_is_one_look_and_one_frame_however_many_watch(hub, member):
    viewers = await sync_to_async(lambda: [UserFactory() for _ in range(20)])()
    sockets = [await attached(hub, viewer) for viewer in viewers]
    for socket in sockets:
        await hub.watch(socket, [member.pk])
    hub._directory.looks = hub._directory.judgements = 0
    mine = await attached(hub, member)
    for socket in sockets:
        while not socket.frames:
            await asyncio.sleep(0.01)
    assert (hub._directory.looks, hub._directory.judgements) == (1, 0)
    assert len({id(socket.frames[0]) for socket in sockets}) == 1
    hub.detach(mine)


async def test_who_loads_a_page_anew_is_not_seen_to_go(hub, owner, member):
    socket = await attached(hub, owner)
    mine = await attached(hub, member)
    await hub.watch(socket, [member.pk])
    hub.detach(mine)
    mine = await attached(hub, member)
    await sync_to_async(update_privacy)(user=member, changes={"last_seen": "nobody"})
    hub._watch.changed([member.pk], standing=True)
    assert (await told(socket))["online"] is None
    hub.detach(mine)


async def test_what_goes_leaves_nothing_behind(hub, owner, member):
    socket = await attached(hub, owner)
    await hub.watch(socket, [member.pk, owner.pk])
    hub.detach(socket)
    assert not hub._watch._people
    assert not hub._watch._lists


async def test_people_of_a_process_that_died_are_seen_to_go(hub, owner, member, monkeypatch):
    monkeypatch.setattr(presence, "_token", "a process that dies")
    mark_online([member.pk])
    monkeypatch.undo()
    monkeypatch.setattr(hub_module, "RECHECK_SECONDS", 0.1)
    await hub.stop()
    await hub.start()
    socket = await attached(hub, owner)
    [seen] = await hub.watch(socket, [member.pk])
    assert seen["online"] is True
    monkeypatch.setattr(presence, "_token", "a process that dies")
    # As time does with the word of a process that says it no more.
    mark_offline([member.pk])
    assert (await told(socket))["online"] is False


async def test_a_word_that_was_lost_is_made_good_when_the_loss_is_noticed(hub, owner, member):
    socket = await attached(hub, owner)
    await hub.watch(socket, [member.pk])
    mark_online([member.pk])
    hub._lost()
    assert (await told(socket))["online"] is True


async def test_without_redis_nobody_is_online_and_nothing_breaks(hub, owner, member, settings):
    socket = await attached(hub, owner)
    mark_online([member.pk])
    [seen] = await hub.watch(socket, [member.pk])
    assert seen["online"] is True
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock?db=0"}}
    hub._watch.all_changed()
    assert (await told(socket))["online"] is False
    [seen] = await hub.watch(socket, [member.pk])
    assert seen["online"] is False


async def test_nobody_is_shown_while_their_standing_is_in_doubt(hub, owner, member, monkeypatch):
    monkeypatch.setattr("chat_project.core.realtime.watching.RETRY_SECONDS", 0.1)
    socket = await attached(hub, owner)
    await hub.watch(socket, [member.pk])
    hub._directory.fails = True
    await sync_to_async(update_privacy)(user=member, changes={"last_seen": "nobody"})
    hub._watch.changed([member.pk], standing=True)
    while hub._directory.judgements < 2:
        await asyncio.sleep(0.01)
    mine = await attached(hub, member)
    hub._directory.fails = False
    assert await told(socket) == {"user_id": member.pk, "online": None, "last_seen_at": None}
    hub.detach(mine)


def test_when_somebody_was_seen_is_written_once_a_minute(member, django_assert_num_queries):
    note_seen([member.pk])
    first = User.objects.get(pk=member.pk).last_seen_at
    note_seen([member.pk])
    assert note_online([member.pk]) == [member.pk]
    assert note_offline(member.pk)
    assert User.objects.get(pk=member.pk).last_seen_at == first
    User.objects.filter(pk=member.pk).update(last_seen_at=first - SEEN_EVERY)
    note_seen([member.pk])
    assert User.objects.get(pk=member.pk).last_seen_at > first


def test_who_has_a_socket_elsewhere_is_not_seen_to_go(member, monkeypatch):
    assert note_online([member.pk]) == [member.pk]
    assert note_online([member.pk]) == []
    monkeypatch.setattr(presence, "_token", "another process")
    assert note_online([member.pk]) == []
    assert not note_offline(member.pk)
    monkeypatch.undo()
    assert note_offline(member.pk)

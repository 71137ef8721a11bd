"""The hub in this process, where a reading of the members can be made to wait."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers, get_channel_layer
from django.conf import settings

from chat_project.core.realtime.hub import SYNC_REQUIRED, Hub
from chat_project.core.realtime.shards import shard_of
from conversations.enums import ConversationType
from conversations.services import add_members, create_conversation
from messaging.sockets.directory import DatabaseDirectory
from tests.messaging.publishing import happening

pytestmark = pytest.mark.django_db(transaction=True)

happened = sync_to_async(happening)


class Socket:
    """A socket that keeps what it is told."""

    wants_html = False
    waiting_bytes = 0

    def __init__(self, user):
        self.user_id = user.pk
        self.session_id = "session"
        self.frames = []

    def offer(self, frame):
        self.frames.append(frame)

    def end(self, code):
        self.frames.append(code)


class PatientDirectory(DatabaseDirectory):
    """The directory, which reads members only when it may."""

    def __init__(self):
        self.asked = asyncio.Event()
        self.may_read = asyncio.Event()

    async def members(self, conversation_id, user_ids):
        found = await super().members(conversation_id, user_ids)
        self.asked.set()
        await self.may_read.wait()
        return found


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = Hub(directory=PatientDirectory(), fragment=lambda event, data: None, shards=settings.REALTIME_SHARDS)
    await hub.start()
    yield hub
    await hub.stop()
    await get_channel_layer().flush()
    channel_layers.backends.clear()


async def test_who_goes_while_the_members_are_read_leaves_nothing_behind(hub, owner, member, group):
    sockets = [Socket(user) for user in (owner, member)]
    for socket in sockets:
        await hub.attach(socket)
    hub.publish(await happened(group))
    await hub._directory.asked.wait()
    hub.detach(sockets[0])
    hub._directory.may_read.set()
    while not sockets[1].frames:
        await asyncio.sleep(0)
    hub.detach(sockets[1])
    assert not hub._rooms
    assert not hub._rooms_of


async def test_who_goes_before_anything_happened_leaves_the_others_what_comes(hub, owner, member, group):
    hub._directory.may_read.set()
    sockets = [Socket(user) for user in (owner, member)]
    for socket in sockets:
        await hub.attach(socket)
    hub.detach(sockets[1])
    event = await happened(group)
    hub.publish(event)
    async with asyncio.timeout(5):
        while not sockets[0].frames:
            await asyncio.sleep(0)
    assert sockets[0].frames == [event.frame().decode()]


async def test_who_comes_to_a_conversation_that_nobody_here_heard_of_is_told_to_sync(hub, owner, member):
    hub._directory.may_read.set()
    socket = Socket(member)
    await hub.attach(socket)
    await sync_to_async(group_of_another_shard)(owner, member)
    while SYNC_REQUIRED.decode() not in socket.frames:
        await asyncio.sleep(0)
    assert json.loads(socket.frames[0])["event"] == "conversation.added"


def group_of_another_shard(owner, member):
    """Make a group whose events do not go over the member's own shard, and add the member."""
    mine = shard_of(member.pk, settings.REALTIME_SHARDS)
    while True:
        conversation_id, _ = create_conversation(creator=owner, type=ConversationType.GROUP, title="Climbers")
        if shard_of(conversation_id, settings.REALTIME_SHARDS) != mine:
            break
    add_members(actor=owner, conversation_id=conversation_id, user_ids=[member.pk])

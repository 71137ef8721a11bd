"""Sockets that end in the middle of a frame: the server lives, and nobody else notices."""

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async

from accounts.presence import online_ids
from tests.clients import WAIT_SECONDS, opened, signed_in
from tests.safety.raw import CONTINUATION, PING, RawSocket, frame

COMMAND = json.dumps({"id": "half", "command": "ping", "data": {"text": "x" * 300}}).encode()
# What is sent before the end: each leaves something unfinished.
UNFINISHED = {
    "a frame's first byte": frame(COMMAND)[:1],
    "half a head": frame(COMMAND)[:3],
    "half a frame": frame(COMMAND)[:100],
    "a whole frame and half of the next": frame(COMMAND) + frame(COMMAND)[:100],
    "a first fragment": frame(COMMAND[:100], final=False),
    "half a fragment": frame(COMMAND[:100], final=False) + frame(COMMAND[100:], kind=CONTINUATION)[:50],
    "half a ping amid a fragmented message": frame(COMMAND[:100], final=False)
    + frame(b"are you there?", kind=PING)[:9],
    "half a character": frame("…".encode()[:2], final=False),
}


async def until(condition):
    async with asyncio.timeout(2 * WAIT_SECONDS):
        while not await condition():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("end", ["reset", "close"])
@pytest.mark.parametrize("unfinished", UNFINISHED.values(), ids=UNFINISHED)
async def test_a_socket_that_ends_amid_a_frame_is_gone_and_nobody_else_notices(
    live_chat, owner, member, group, unfinished, end
):
    access = (await sync_to_async(signed_in)(member)).tokens.access

    async def member_is_offline():
        return await sync_to_async(online_ids)([member.pk]) == set()

    [process] = live_chat.processes
    async with opened(live_chat, owner) as other:
        broken = await asyncio.to_thread(RawSocket, live_chat, access)
        assert await sync_to_async(online_ids)([member.pk]) == {member.pk}
        broken.send(unfinished)
        getattr(broken, end)()
        await until(member_is_offline)
        reply = await other.command("message.send", conversation_id=group.pk, content="still here")
        assert reply["ok"]
        assert (await other.event("message.created"))["data"] == reply["data"]
    assert process.poll() is None

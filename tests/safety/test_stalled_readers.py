"""Clients that read nothing while they are told much."""

import asyncio
import socket
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async

from accounts.presence import online_ids
from chat_project.serving.port import STALLED_MILLISECONDS
from tests.clients import opened, signed_in
from tests.messaging.publishing import OtherProcess, happening
from tests.safety.raw import RawSocket

STALLED = 8
# All in all 50 MB: frames wait as the same text for all, so that this much would be held, were there no bound.
EVENTS = 500
EVENT_BYTES = 100_000
# What may wait for all (1 MiB each, the same), what is being written to each, and what the allocator keeps of both.
KIB = 20 * 1024
SHORT_MILLISECONDS = 5_000
PATIENCE = 20.0


def resident_kib(process):
    [line] = [line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if "VmRSS" in line]
    return int(line.split()[1])


def connected(chat, ports):
    """Return which of these ports of clients the server still holds a connection with."""
    lines = Path(f"/proc/{chat.processes[0].pid}/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    established = {
        int(remote.partition(":")[2], 16)
        for _, local, remote, state, *_ in fields
        if state == "01" and int(local.partition(":")[2], 16) == chat.port
    }
    return established & set(ports)


@pytest.fixture
def soon_cut_off(live_chat):
    """The server's port cuts off who takes nothing for two seconds, not for a minute."""
    option = socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT
    assert live_chat.listener.getsockopt(*option) == STALLED_MILLISECONDS
    live_chat.listener.setsockopt(*option, SHORT_MILLISECONDS)
    yield
    live_chat.listener.setsockopt(*option, STALLED_MILLISECONDS)


@pytest.mark.usefixtures("soon_cut_off")
async def test_readers_that_stall_cost_little_memory_are_let_go_and_hold_up_nobody(live_chat, owner, member, group):
    [process] = live_chat.processes
    access = (await sync_to_async(signed_in)(member)).tokens.access
    told = await sync_to_async(happening)(group, "member.updated", data={"content": "x" * EVENT_BYTES})
    elsewhere = OtherProcess()
    stalled = [await asyncio.to_thread(RawSocket, live_chat, access, narrow=True) for _ in range(STALLED)]
    try:
        async with opened(live_chat, owner) as good:
            before = most = resident_kib(process)
            for _ in range(EVENTS):
                elsewhere.publish(group, told)
                assert (await good.event("member.updated"))["data"] == told.data
                most = max(most, resident_kib(process))
            assert most - before < KIB
            # They read not even that they are closed: the port cuts them off.
            async with asyncio.timeout(PATIENCE):
                while connected(live_chat, [each.port for each in stalled]):
                    await asyncio.sleep(0.1)
            assert await sync_to_async(online_ids)([member.pk]) == set()
            assert (await good.command("message.send", conversation_id=group.pk, content="on we go"))["ok"]
    finally:
        for each in stalled:
            each.close()

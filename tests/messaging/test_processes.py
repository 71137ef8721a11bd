"""Several server processes, and the sudden end of one."""

import asyncio
import json
import os
import signal
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count

from asgiref.sync import sync_to_async
from websockets.exceptions import ConnectionClosed

from tests.clients import WAIT_SECONDS, opened
from tests.messaging.drafting import timeline_of

read_timeline = sync_to_async(timeline_of)
# How many sends of one socket wait for their replies.
WINDOW = 6
KILLED_AFTER = 30


class Sender:
    """A socket that sends without a pause, and notes what was answered and what was not."""

    def __init__(self, name, socket, conversation):
        self.socket = socket
        self.answered = {}
        self.unanswered = set()
        self._ids = (f"{name}-{number}" for number in count())
        self._conversation_id = conversation.pk

    async def send_next(self):
        client_id = next(self._ids)
        self.unanswered.add(client_id)
        await self.send(client_id)

    async def send(self, client_id):
        data = {"conversation_id": self._conversation_id, "content": f"said {client_id}", "client_id": client_id}
        await self.socket.connection.send(json.dumps({"id": client_id, "command": "message.send", "data": data}))

    async def run(self, answered):
        try:
            for _ in range(WINDOW):
                await self.send_next()
            while True:
                frame = json.loads(await self.socket.connection.recv())
                if frame["type"] == "reply" and frame["ok"]:
                    self.unanswered.discard(frame["id"])
                    self.answered[frame["id"]] = frame["data"]
                    answered()
                    await self.send_next()
        except ConnectionClosed:
            return


async def test_kill_9_loses_no_message_that_was_answered_and_doubles_none(live_chat, owner, member, group):
    process = live_chat.processes[0]
    replies = count(1)

    def kill_in_time():
        if next(replies) == KILLED_AFTER:
            process.kill()

    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(opened(live_chat, user)) for user in (owner, member) * 2]
        senders = [Sender(f"s{number}", socket, group) for number, socket in enumerate(sockets)]
        async with asyncio.timeout(2 * WAIT_SECONDS):
            await asyncio.gather(*(sender.run(kill_in_time) for sender in senders))
    await asyncio.to_thread(process.wait)

    answered = {key: message for sender in senders for key, message in sender.answered.items()}
    rows = {row.client_id: row for row in await read_timeline(group) if row.client_id}
    assert {key: (row.id, row.seq) for key, row in rows.items() if key in answered} == {
        key: (message["id"], message["seq"]) for key, message in answered.items()
    }
    assert all(sender.unanswered for sender in senders)

    await asyncio.to_thread(live_chat.ensure_running)
    async with AsyncExitStack() as stack:
        for sender, user in zip(senders, (owner, member) * 2, strict=True):
            sender.socket = await stack.enter_async_context(opened(live_chat, user))
            for client_id in sender.unanswered:
                await sender.send(client_id)
            for client_id in sender.unanswered:
                reply = await sender.socket.reply(client_id)
                assert reply["data"]["content"] == f"said {client_id}"
    timeline = await read_timeline(group)
    assert [row.seq for row in timeline] == list(range(1, len(timeline) + 1))
    said = [row.client_id for row in timeline if row.client_id]
    assert sorted(said) == sorted({*answered, *(key for sender in senders for key in sender.unanswered)})


@asynccontextmanager
async def opened_at(chat, process, user):
    """Open a socket at one of the processes that share the port: the others are asleep for the moment."""
    others = [other for other in chat.processes if other is not process]
    for other in others:
        os.kill(other.pid, signal.SIGSTOP)
    try:
        await asyncio.to_thread(chat.wait)
        async with AsyncExitStack() as stack:
            socket = await stack.enter_async_context(opened(chat, user))
            for other in others:
                os.kill(other.pid, signal.SIGCONT)
            yield socket
    finally:
        for other in others:
            os.kill(other.pid, signal.SIGCONT)


async def test_two_processes_tell_each_other_all_and_each_socket_once(live_chat, owner, member, group):
    await asyncio.to_thread(live_chat.ensure_running, 2)
    first, second = live_chat.processes
    async with opened_at(live_chat, first, owner) as one, opened_at(live_chat, second, member) as two:

        async def say(socket, number):
            return await socket.command("message.send", conversation_id=group.pk, content=str(number))

        replies = [reply for number in range(20) for reply in await asyncio.gather(say(one, number), say(two, number))]
        sent = sorted(reply["data"]["version"] for reply in replies)
        assert sent == list(range(sent[0], sent[0] + 40))
        assert [row.seq for row in await read_timeline(group)] == list(range(1, 43))
        for socket in (one, two):
            assert sorted([(await socket.event("message.created"))["version"] for _ in sent]) == sent
            await socket.command("ping")
            assert not [event for event in socket.events if event["event"] == "message.created"]


async def test_a_person_is_told_on_the_socket_of_another_process(live_chat, owner, member, group):
    await asyncio.to_thread(live_chat.ensure_running, 2)
    first, second = live_chat.processes
    async with opened_at(live_chat, first, owner) as one, opened_at(live_chat, second, member) as two:
        await one.command("typing", conversation_id=group.pk)
        assert (await two.event("typing"))["data"] == {"user_id": owner.pk, "action": "typing"}
        sent = (await one.command("message.send", conversation_id=group.pk, content="read me"))["data"]
        async with opened_at(live_chat, first, member) as three:
            await two.command("read", conversation_id=group.pk, message_id=sent["id"])
            assert (await one.event("receipt.read"))["data"]["seq"] == sent["seq"]
            assert (await three.event("read"))["data"]["unread_count"] == 0

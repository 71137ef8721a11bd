"""PostgreSQL goes away, or its answer does: calls say so, and a retry sends once."""

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from websockets.exceptions import InvalidStatus

from messaging.models import Message
from tests.clients import WAIT_SECONDS, RestClient, opened, signed_in

# Each connection of a pool that was cut tells of it once.
TRIES = 20


@pytest.fixture
def database(watched_chat):
    """The line between the server and its database, whole again at the end; the server begins anew."""
    yield watched_chat.database
    watched_chat.database.restore()
    for process in list(watched_chat.chat.processes):
        watched_chat.chat.kill(process)


def sent(client_id):
    return sync_to_async(Message.objects.filter(client_id=client_id).count)()


async def send_until_taken(socket, **data):
    """Send again while the server says that a part is down, as a client does; return the message."""
    for _ in range(TRIES):
        reply = await socket.command("message.send", **data)
        if reply["ok"]:
            return reply["data"]
        assert reply["error"]["status"] == 503
    pytest.fail("the server never took the message")


async def test_a_commit_whose_answer_was_lost_is_sent_once_by_the_retry(watched_chat, database, owner, group):
    async with opened(watched_chat.chat, owner) as socket:
        await socket.command("message.send", conversation_id=group.pk, content="warm")
        database.swallow_answers()
        data = {"conversation_id": group.pk, "content": "did it go?", "client_id": "lost"}
        await socket.connection.send(json.dumps({"id": "lost", "command": "message.send", "data": data}))
        async with asyncio.timeout(WAIT_SECONDS):
            while not await sent("lost"):
                pass
        database.restore()
        refused = await socket.reply("lost")
        assert refused["error"]["status"] == 503
        assert refused["error"]["retry_after"]
        message = await send_until_taken(socket, **data)
        assert message["content"] == "did it go?"
        assert await sent("lost") == 1


async def test_while_the_database_is_gone_calls_are_503_and_then_go_on(watched_chat, database, owner, group):
    chat = watched_chat.chat
    rest = RestClient(chat, (await sync_to_async(signed_in)(owner)).tokens.access)
    path, body = f"conversations/{group.pk}/messages", {"content": "by REST", "client_id": "rest"}
    async with opened(chat, owner) as socket:
        database.refuse()
        reply = await socket.command("message.send", conversation_id=group.pk, content="hi", client_id="gone")
        assert (reply["error"]["status"], reply["error"]["code"]) == (503, "unavailable")
        assert (await socket.command("ping"))["ok"]
        status, problem = await asyncio.to_thread(rest.call, "POST", path, body)
        assert (status, problem["code"]) == (503, "unavailable")
        database.restore()
        await send_until_taken(socket, conversation_id=group.pk, content="hi", client_id="gone")
        answers = [(await asyncio.to_thread(rest.call, "POST", path, body))[0] for _ in range(TRIES)]
        assert set(answers) <= {200, 201, 503}
        assert answers[-1] == 200
    assert (await sent("gone"), await sent("rest")) == (1, 1)


async def test_a_handshake_without_a_database_is_told_to_come_back(watched_chat, database, owner):
    database.refuse()
    with pytest.raises(InvalidStatus) as refused:
        async with opened(watched_chat.chat, owner):
            pass
    answer = refused.value.response
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.body)["code"] == "unavailable"

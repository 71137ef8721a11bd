"""A conversation whose lock somebody holds for long, and the others."""

import asyncio
import statistics
import time
from contextlib import asynccontextmanager

import pytest
from asgiref.sync import sync_to_async

from conversations.enums import ConversationType
from conversations.models import Conversation
from conversations.services import create_conversation
from messaging.models import Message
from tests.clients import RestClient, opened, signed_in
from tests.messaging.drafting import another_connection

LOCK = "SELECT FROM conversations WHERE id = %s FOR UPDATE"
# The timeline waits for a lock that long.
LOCK_TIMEOUT = 1.0
LOCK_SECONDS = 5.0
DELAY = 0.05
# Of both ways, before and meanwhile: fewer than one person may send in a burst.
SENDS = 14


@pytest.fixture
def other_group(owner, member):
    """One more group of the same two."""
    conversation_id, _ = create_conversation(
        creator=owner, type=ConversationType.GROUP, title="Cooks", member_ids=[member.pk]
    )
    return Conversation.objects.get(pk=conversation_id)


async def timed(send):
    """Return the seconds that a send takes, and its answer."""
    began = time.monotonic()
    answer = await send()
    return time.monotonic() - began, answer


async def several(send):
    """Return the seconds that each of some sends takes, one after the other; all are to be taken."""
    seconds = []
    for _ in range(SENDS):
        took, answer = await timed(send)
        assert answer.get("data", answer).get("content") == "hi", answer
        seconds.append(took)
    return seconds


@asynccontextmanager
async def locked(conversation):
    """Have a transaction hold a conversation's row for itself, for five seconds at least."""
    connection = await asyncio.to_thread(another_connection)
    with connection, connection.transaction(force_rollback=True):
        connection.execute(LOCK, [conversation.pk])
        began = time.monotonic()
        yield
        while time.monotonic() < began + LOCK_SECONDS:
            await asyncio.sleep(0.01)


async def keep_sending(send, answers):
    """Send the same until it is taken, as often as the server says that it may come back; note the answers."""
    while True:
        took, answer = await timed(send)
        answers.append((took, answer))
        if "error" not in answer and "code" not in answer:
            return
        await asyncio.sleep(0.1)


async def test_a_lock_held_for_long_delays_no_other_conversation_and_its_own_sends_come_back(
    live_chat, owner, member, group, other_group
):
    access = [(await sync_to_async(signed_in)(user)).tokens.access for user in (owner, member)]
    rests = [RestClient(live_chat, token) for token in access]
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:

        async def send(socket, conversation, **fields):
            return await socket.command("message.send", conversation_id=conversation.pk, content="hi", **fields)

        async def post(rest, conversation, **fields):
            body = {"content": "hi", **fields}
            return (await asyncio.to_thread(rest.call, "POST", f"conversations/{conversation.pk}/messages", body))[1]

        free = [lambda: send(two, other_group), lambda: post(rests[1], other_group)]
        held = [lambda: send(one, group, client_id="socket"), lambda: post(rests[0], group, client_id="rest")]
        alone = [await several(way) for way in free]
        answers = [[], []]
        async with locked(group):
            waiting = [asyncio.ensure_future(keep_sending(*each)) for each in zip(held, answers, strict=True)]
            beside = [await several(way) for way in free]
            assert not any(each.done() for each in waiting)
        await asyncio.gather(*waiting)

    for before, meanwhile in zip(alone, beside, strict=True):
        assert statistics.median(meanwhile) - statistics.median(before) < DELAY
        # None of them waited for it; a few may have been slow for the machine's own reasons.
        assert sorted(meanwhile)[int(0.9 * SENDS)] < LOCK_TIMEOUT
    for *refusals, (_, taken) in answers:
        assert len(refusals) > 1
        for took, answer in refusals:
            problem = answer.get("error", answer)
            assert (problem["status"], problem["code"], problem["retry_after"] >= 1) == (503, "unavailable", True)
            assert took >= LOCK_TIMEOUT * 0.9
        assert taken.get("data", taken)["conversation_id"] == group.pk
    sent = await sync_to_async(Message.objects.filter(conversation=group, client_id__in=["socket", "rest"]).count)()
    assert sent == 2

"""The process' writer: one commit for what waits together, and no shared fate."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import contextmanager

import psycopg
import pytest
from asgiref.sync import sync_to_async

from chat_project.core.errors import UnavailableError
from conversations.enums import ConversationType
from conversations.models import Conversation
from conversations.services import create_conversation
from messaging import append_connection
from messaging import writer as writer_module
from messaging.append_connection import AppendConnection
from messaging.timeline import Outcome
from messaging.writer import WAITING_MAX, Writer, process_writer
from tests.messaging.drafting import another_connection, conninfo, draft, drafts, locked, timeline_of

pytestmark = pytest.mark.django_db(transaction=True)

# One row a transaction: messages that one commit brought share it.
TRANSACTIONS = "SELECT count(DISTINCT xmin::text) FROM messages WHERE content = %s"
WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%%append_messages%%'
"""


@pytest.fixture
async def writer() -> AsyncIterator[Writer]:
    """A writer for this test's event loop."""
    writer = process_writer.__wrapped__()
    yield writer
    await writer.close()


@pytest.fixture
def other_group(owner, member):
    """One more group of the same two."""
    conversation_id, _ = create_conversation(
        creator=owner, type=ConversationType.GROUP, title="Cooks", member_ids=[member.pk]
    )
    return Conversation.objects.get(pk=conversation_id)


drafted = sync_to_async(draft)
read_timeline = sync_to_async(timeline_of)


def count(statement, *parameters):
    with another_connection() as connection:
        return connection.execute(statement, parameters).fetchone()[0]


@contextmanager
def row_held(member, conversation):
    """Hold a member's row, as a service that changes it does, until the end of the block."""
    with another_connection() as other, other.transaction(force_rollback=True):
        other.execute(
            "SELECT FROM conversation_members WHERE conversation_id = %s AND user_id = %s FOR UPDATE",
            [conversation.pk, member.pk],
        )
        yield


async def until_waiting(number):
    """Wait until so many statements wait for a lock."""
    async with asyncio.timeout(20):
        while count(WAITING) < number:
            await asyncio.sleep(0)


async def appended(writer, judged):
    """Append drafts at the same moment; return their outcomes or errors, in their order."""
    return await asyncio.gather(*(writer.append(each) for each in judged), return_exceptions=True)


async def test_what_waits_together_is_committed_together_in_its_order(writer, group, other_group, member):
    judged = [
        each for where in (group, other_group) for each in await sync_to_async(drafts)(member, where, 30, "at once")
    ]
    results = await appended(writer, judged)
    assert {result.outcome for result in results} == {Outcome.APPENDED}
    for first in (0, 30):
        seqs = [result.seq for result in results[first : first + 30]]
        assert seqs == list(range(seqs[0], seqs[0] + 30))
    assert count(TRANSACTIONS, "at once") == 1


async def test_a_batch_is_bounded(writer, group, member):
    await appended(writer, await sync_to_async(drafts)(member, group, 130, "many"))
    assert count(TRANSACTIONS, "many") == 3


async def test_one_by_one_more_wait_than_there_are_connections_and_all_are_written(group, member):
    parted = Writer(conninfo(), grouped=False)
    results = await appended(parted, await sync_to_async(drafts)(member, group, 60, "apart"))
    await parted.close()
    assert {result.outcome for result in results} == {Outcome.APPENDED}
    assert count(TRANSACTIONS, "apart") == 60


async def test_a_database_that_says_nothing_any_more_is_unavailable(writer, group, member, monkeypatch):
    with locked(group):
        monkeypatch.setattr(append_connection, "ANSWER_SECONDS", 0.05)
        with pytest.raises(UnavailableError):
            await writer.append(await drafted(member, group, client_id="one"))
        monkeypatch.undo()
    again = await writer.append(await drafted(member, group, client_id="one"))
    assert again.outcome in {Outcome.APPENDED, Outcome.REPEATED}
    assert count("SELECT count(*) FROM messages WHERE client_id = 'one'") == 1


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        # Longer than the table lets it be, and what no statement can hold: what no check in Python let through.
        ({"content": "x" * 5000}, psycopg.errors.CheckViolation),
        ({"metadata": {"entities": object()}}, TypeError),
    ],
)
async def test_an_error_in_a_batch_fails_its_own_draft_alone(writer, group, member, fields, error):
    bad = await drafted(member, group, **fields)
    good = [await drafted(member, group, str(number)) for number in range(4)]
    async with asyncio.timeout(20):
        results = await appended(writer, [*good[:2], bad, *good[2:]])
    assert isinstance(results[2], error)
    assert [result.outcome for result in results[:2] + results[3:]] == [Outcome.APPENDED] * 4
    assert [row.content for row in (await read_timeline(group))[-4:]] == ["0", "1", "2", "3"]


async def test_more_than_a_thousand_that_wait_are_refused_at_once_and_none_is_lost(writer, group, member):
    *judged, last = await sync_to_async(drafts)(member, group, WAITING_MAX + 1)
    await writer.append(await drafted(member, group))
    waiting = [asyncio.ensure_future(writer.append(each)) for each in judged]
    await asyncio.sleep(0)
    with pytest.raises(UnavailableError) as refused:
        await writer.append(last)
    assert refused.value.retry_after
    seqs = [result.seq for result in await asyncio.gather(*waiting)]
    assert seqs == list(range(seqs[0], seqs[0] + WAITING_MAX))


async def test_a_busy_conversation_holds_up_no_other_and_keeps_its_order(writer, group, other_group, member):
    with locked(group):
        held = [asyncio.ensure_future(writer.append(await drafted(member, group, str(number)))) for number in range(3)]
        for _ in range(3):
            assert (await writer.append(await drafted(member, other_group))).outcome == Outcome.APPENDED
        assert not any(future.done() for future in held)
    assert [result.outcome for result in await asyncio.gather(*held)] == [Outcome.APPENDED] * 3
    assert [row.content for row in (await read_timeline(group))[-3:]] == ["0", "1", "2"]


async def test_a_member_whose_row_is_held_holds_up_nobody_elsewhere(writer, group, other_group, owner, member):
    judged = [await drafted(owner, group), await drafted(member, group), await drafted(member, other_group)]
    with row_held(member, other_group):
        results = await appended(writer, judged)
    assert [getattr(result, "outcome", type(result)) for result in results] == [
        Outcome.APPENDED,
        Outcome.APPENDED,
        UnavailableError,
    ]


async def test_what_waits_for_a_lock_is_not_overtaken_by_what_came_later(
    group, other_group, owner, member, monkeypatch
):
    monkeypatch.setattr(writer_module, "LANES_MAX", 1)
    narrow = Writer(conninfo())
    last_id, _ = await sync_to_async(create_conversation)(creator=owner, type=ConversationType.GROUP, title="Last")
    last = await Conversation.objects.aget(pk=last_id)
    first, second = await sync_to_async(drafts)(owner, last, 2)
    long_held, held_on = await drafted(member, group), await drafted(member, other_group)
    with locked(group), row_held(member, other_group), locked(last):
        # The one lane is taken, and stays so while the second statement stands before a member's row.
        calls = [asyncio.ensure_future(narrow.append(long_held))]
        await until_waiting(1)
        calls.append(asyncio.ensure_future(narrow.append(first)))
        for _ in range(4):
            await asyncio.sleep(0)
        calls += [asyncio.ensure_future(narrow.append(later)) for later in (held_on, second)]
        await until_waiting(2)
    results = await asyncio.gather(*calls, return_exceptions=True)
    await narrow.close()
    assert results[1].seq < results[3].seq


async def test_a_conversation_that_stays_busy_answers_unavailable_and_then_works_again(writer, group, member):
    judged = await drafted(member, group)
    with locked(group), pytest.raises(UnavailableError):
        await writer.append(judged)
    assert (await writer.append(judged)).outcome == Outcome.APPENDED


async def test_connections_that_the_database_ended_are_replaced(writer, group, member):
    judged = await drafted(member, group, client_id="one")
    await writer.append(judged)
    with another_connection() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE '%append_messages%' AND pid <> pg_backend_pid()"
        )
    outcomes = [await result_of(writer, judged) for _ in range(3)]
    assert outcomes[-1] == Outcome.REPEATED
    assert set(outcomes) <= {Outcome.REPEATED, UnavailableError}


async def result_of(writer, judged):
    try:
        return (await writer.append(judged)).outcome
    except UnavailableError:
        return UnavailableError


async def test_a_skipped_lock_is_told_from_a_conversation_that_is_not_there(group, other_group, member):
    judged = [await drafted(member, group), await drafted(member, other_group)]
    async with await psycopg.AsyncConnection.connect(conninfo(), autocommit=True) as connection:
        with locked(group):
            results = await AppendConnection(connection).append(judged, wait=False)
    assert [result.outcome for result in results] == [Outcome.BUSY, Outcome.APPENDED]

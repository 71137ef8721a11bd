"""Writes a crowd and its conversations, besides what is there already."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime

from django.db import connection, transaction

from chat_project.demo.bulk.clock import milliseconds
from chat_project.demo.bulk.crowd import Crowd
from chat_project.demo.bulk.numbers import Numbers
from chat_project.demo.bulk.phrases import tongues
from chat_project.demo.bulk.rooms import Rooms
from chat_project.demo.bulk.rows import Batch
from chat_project.demo.bulk.standing import Standing
from chat_project.demo.bulk.telling import Telling
from conversations.enums import ConversationType

# So many bytes of rows make a transaction, about 40,000 messages; a larger conversation has one of its own.
_BATCH = 1 << 24
_TOLD_EVERY = 100_000

# The numbers at the end of usernames go on from the highest that is taken, or was until lately.
_LAST_NUMBER = r"""
    SELECT coalesce(max(substring(name FROM '_(\d{1,9})$')::bigint), 0)
    FROM (SELECT username FROM users UNION ALL SELECT name FROM reserved_names WHERE kind = 'USERNAME') AS taken (name)
"""


def seed_crowd(numbers: Numbers, *, now: datetime, tell: Callable[[str], None]) -> None:
    """Add so many people, conversations and messages, as if they had chatted over the months before `now`.

    People come first, in one transaction; then whole conversations, some in each transaction: what was killed leaves
    no conversation with a part of its messages. The same numbers at the same time of day, added to as many people,
    give the same texts at the same ages. `tell` is told how far it has got.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LAST_NUMBER)
        first = cursor.fetchone()[0] + 1
    crowd = Crowd(numbers.people, first=first, now=milliseconds(now), tongues=tongues())
    progress = _Progress(tell)
    _store(_people(crowd), progress)
    tell(f"{numbers.people:,} people.")
    batches = _conversations(crowd, Rooms(crowd, numbers, seed=str(first), now=milliseconds(now)))
    with ThreadPoolExecutor(1) as pool:
        # The next batch is made while PostgreSQL takes in this one.
        ahead = pool.submit(next, batches, None)
        try:
            while batch := ahead.result():
                ahead = pool.submit(next, batches, None)
                _store(batch, progress)
        finally:
            if left := ahead.result():
                left.close()


class _Progress:
    """Counts messages, and tells of each hundred thousand."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._messages = 0
        self._began = time.monotonic()

    def count(self, messages: int) -> None:
        before = self._messages // _TOLD_EVERY
        self._messages += messages
        if self._messages // _TOLD_EVERY > before:
            rate = self._messages / (time.monotonic() - self._began)
            self._tell(f"{self._messages // _TOLD_EVERY * _TOLD_EVERY:,} messages, {rate:,.0f} a second.")


def _people(crowd: Crowd) -> Batch:
    batch = Batch()
    batch.add("users", crowd.rows())
    return batch


def _conversations(crowd: Crowd, rooms: Rooms) -> Iterator[Batch]:
    """Yield the conversations' rows, in batches of whole conversations."""
    batch = Batch()
    for room in rooms:
        telling = Telling(room, crowd=crowd, batch=batch)
        telling.tell()
        standing = Standing(telling, crowd)
        batch.add("conversations", [standing.conversation_row()])
        batch.add("conversation_members", standing.member_rows())
        if room.type == ConversationType.DM:
            batch.add("contact_requests", [standing.contact_row()])
        if batch.size >= _BATCH:
            yield batch
            batch = Batch()
    if batch.size:
        yield batch


def _store(batch: Batch, progress: _Progress) -> None:
    """Write a batch in one transaction."""
    # Django makes its own of psycopg's errors for execute alone, not for COPY.
    with closing(batch), transaction.atomic(), connection.cursor() as cursor, connection.wrap_database_errors:
        batch.copy(cursor, progress.count)

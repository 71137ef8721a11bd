"""Old messages leave the database for objects of the storage, a month of a conversation at a time, the newest first.

First the object, which is read back and held against its hash; then the row that names it; then the messages go in
short transactions, each under the conversation's lock, where each is judged once more. Killed anywhere, every message
stands in the database, or in an object that a row names; the next run goes on from there.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, LiteralString

import orjson
from django.db import IntegrityError, OperationalError, connection, transaction

from chat_project.core import audit
from chat_project.core.retention import FIRST_BATCH, LOCK_TIMEOUT, next_size
from messaging.enums import ArchiveState
from messaging.models import ArchiveSegment
from messaging.services import archive_files
from messaging.services.archive_choice import Candidate, chosen, judge_again, list_old
from messaging.services.archive_files import Line

logger = logging.getLogger(__name__)

# A segment stands whole in memory.
SEGMENT_MAX = 5000
CONVERSATIONS_AT_ONCE = 500
# To judge a batch costs as much as to delete so many: smaller ones would hold the lock hardly shorter, and more often.
BATCH_LEAST = 25
# A conversation whose lock was not to be had so often is left to the next run.
TRIES = 20
_ABOVE_ALL = 2**62

_CONVERSATIONS = """
    SELECT id FROM conversations WHERE id > %s AND (
        created_at < %s AND last_seq > 0
        OR id IN (SELECT conversation_id FROM archive_segments WHERE state = 'WRITTEN')
    )
    ORDER BY id LIMIT %s
"""
_LOCK_CONVERSATION = "SELECT FROM conversations WHERE id = %s FOR NO KEY UPDATE"
# A batch that a crash takes back is found again, whole: the lock need not be held for as long as the disk takes.
_FLUSH_LATER = "SELECT set_config('synchronous_commit', 'off', true)"
_REMOVE = "DELETE FROM messages WHERE conversation_id = %s AND id = ANY(%s)"
_LINES: LiteralString = """
    SELECT jsonb_build_object(
        'message', to_jsonb(m) - 'search',
        'reactions', coalesce((
            SELECT jsonb_agg(to_jsonb(r) ORDER BY created_at, user_id, emoji) FROM message_reactions AS r
            WHERE r.conversation_id = m.conversation_id AND r.message_id = m.id
        ), '[]'),
        'mentions', coalesce((
            SELECT jsonb_agg(to_jsonb(r) ORDER BY user_id) FROM message_mentions AS r
            WHERE r.conversation_id = m.conversation_id AND r.message_id = m.id
        ), '[]'),
        'edits', coalesce((
            SELECT jsonb_agg(to_jsonb(r) ORDER BY edit_no) FROM message_edits AS r
            WHERE r.conversation_id = m.conversation_id AND r.message_id = m.id
        ), '[]'),
        'receipts', coalesce((
            SELECT jsonb_agg(to_jsonb(r) ORDER BY user_id, type) FROM message_receipts AS r
            WHERE r.conversation_id = m.conversation_id AND r.message_id = m.id
        ), '[]')
    )::text
    FROM messages AS m WHERE m.conversation_id = %s AND m.id = ANY(%s) ORDER BY m.seq
"""


@dataclass(frozen=True, slots=True)
class Archived:
    """How far a conversation's run has got: messages gone, and for how long its lock was held at most."""

    messages: int
    slowest_seconds: float


class BusyError(Exception):
    """The conversation's lock was not to be had, or another run is at it. The next run goes on."""


def list_conversations(before: datetime) -> Iterator[str]:
    """Yield the conversations that are older than a moment, and those where a run was cut off."""
    after = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_CONVERSATIONS, [after, before, CONVERSATIONS_AT_ONCE])
            ids = [conversation_id for (conversation_id,) in cursor.fetchall()]
        if not ids:
            return
        yield from ids
        after = ids[-1]


def count_archivable(*, conversation_id: str, before: datetime) -> int:
    """Return how many messages a run would archive now; changes nothing and locks nothing."""
    going: set[str] = set()
    return sum(len(part) for part in _parts(conversation_id, before, going))


def archive_conversation(*, conversation_id: str, before: datetime) -> Iterator[Archived]:
    """Archive what is from before a moment and is not needed, and tell of the progress after each batch.

    What an earlier run left undone is done first. Raises BusyError, ArchiveDamagedError, and what the storage raises.
    """
    done = _Done()
    for segment in ArchiveSegment.objects.filter(conversation_id=conversation_id, state=ArchiveState.WRITTEN):
        yield from _remove(segment, done)
    for part in _parts(conversation_id, before, set()):
        yield from _remove(_write(conversation_id, part), done)


@dataclass(slots=True)
class _Done:
    messages: int = 0
    slowest_seconds: float = 0.0
    # Of the next batch, in whichever segment.
    size: int = FIRST_BATCH


def _parts(conversation_id: str, before: datetime, going: set[str]) -> Iterator[list[Candidate]]:
    """Yield what goes in parts of one month, the newest first; a large month comes in several."""
    below = _ABOVE_ALL
    while candidates := list_old(conversation_id=conversation_id, before=before, below_seq=below, limit=SEGMENT_MAX):
        below = candidates[-1].seq
        for _, of_month in groupby(candidates, key=attrgetter("month")):
            if part := chosen(of_month, going):
                yield part


def _write(conversation_id: str, part: Sequence[Candidate]) -> ArchiveSegment:
    """Store messages as they stand, and write the segment that names them. Raises BusyError."""
    lines = _lines(conversation_id, [candidate.id for candidate in part])
    if not lines:
        raise BusyError
    month = part[0].month
    stored = archive_files.store_lines(conversation_id=conversation_id, month=month, lines=lines)
    try:
        with transaction.atomic():
            _lock(conversation_id)
            if ArchiveSegment.objects.filter(conversation_id=conversation_id, state=ArchiveState.RESTORING).exists():
                raise BusyError
            segment = ArchiveSegment.objects.create(
                conversation_id=conversation_id,
                month=date.fromisoformat(f"{month}-01"),
                object_key=stored.key,
                sha256=stored.sha256,
                size=stored.size,
                removed_from_seq=_ABOVE_ALL,
                **_extent(lines),
            )
            archive_files.adopt(stored)
    except (BusyError, IntegrityError, OperationalError) as error:
        archive_files.give_up(stored)
        raise BusyError from error
    return segment


def _remove(segment: ArchiveSegment, done: _Done) -> Iterator[Archived]:
    """Take the messages of a written segment from the database, and close it."""
    lines = archive_files.read_lines(segment)
    versions = {line["message"]["id"]: line["message"]["version"] for line in lines}
    waiting = [(line["message"]["seq"], line["message"]["id"]) for line in reversed(lines)]
    waiting = [(seq, mid) for seq, mid in waiting if seq < segment.removed_from_seq]
    tries = 0
    while waiting:
        batch = waiting[: done.size]
        try:
            gone, locked_at = _remove_batch(segment, batch, versions)
        except OperationalError:
            tries += 1
            if tries == TRIES:
                raise BusyError from None
            continue
        seconds = time.perf_counter() - locked_at
        waiting = waiting[len(batch) :]
        done.messages += gone
        done.slowest_seconds = max(done.slowest_seconds, seconds)
        done.size = max(BATCH_LEAST, next_size(done.size, seconds))
        yield Archived(done.messages, done.slowest_seconds)
    _close(segment)


@transaction.atomic
def _remove_batch(
    segment: ArchiveSegment, batch: Sequence[tuple[int, str]], versions: Mapping[str, int]
) -> tuple[int, float]:
    """Delete those messages that are still what was written and may go; write down the others.

    Return how many went, and when, by the monotonic clock, the conversation was locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FLUSH_LATER)
    _lock(segment.conversation_id)
    locked_at = time.perf_counter()
    current = ArchiveSegment.objects.select_for_update(no_key=True).filter(pk=segment.pk).first()
    if current is None or current.state != ArchiveState.WRITTEN:
        raise BusyError
    ids = [mid for seq, mid in batch if seq < current.removed_from_seq]
    standing = judge_again(conversation_id=segment.conversation_id, message_ids=ids)
    going = {one.id for one in chosen((one for one in standing if one.version == versions[one.id]), set())}
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE, [segment.conversation_id, list(going)])
    current.left_out = [*current.left_out, *(mid for mid in ids if mid not in going)]
    current.removed_from_seq = batch[-1][0]
    current.save(update_fields=["left_out", "removed_from_seq"])
    return len(going), locked_at


def _close(segment: ArchiveSegment) -> None:
    """Say that a segment is archived; its object is written anew without what was left out."""
    current = ArchiveSegment.objects.filter(pk=segment.pk, state=ArchiveState.WRITTEN).first()
    if current is None:
        return
    segment = current
    stored = None
    fields: dict[str, Any] = {}
    if segment.left_out and (lines := archive_files.read_lines(segment)):
        month = f"{segment.month:%Y-%m}"
        stored = archive_files.store_lines(conversation_id=segment.conversation_id, month=month, lines=lines)
        fields = {"object_key": stored.key, "sha256": stored.sha256, "size": stored.size, "left_out": []}
        fields |= _extent(lines)
    with transaction.atomic():
        written = ArchiveSegment.objects.filter(pk=segment.pk, state=ArchiveState.WRITTEN)
        if segment.left_out and stored is None:
            # Nothing of it went.
            written.delete()
            return
        if not written.update(state=ArchiveState.ARCHIVED, **fields):
            return
        if stored is not None:
            archive_files.adopt(stored, instead_of=segment.object_key)
        audit.record(
            actor_id=None,
            action="messages.archived",
            target=segment,
            conversation_id=segment.conversation_id,
            month=f"{segment.month:%Y-%m}",
            rows=fields.get("messages", segment.messages),
        )


def _lock(conversation_id: str) -> None:
    """Lock a conversation for the caller's transaction: nobody writes, changes or pins there meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        cursor.execute(_LOCK_CONVERSATION, [conversation_id])


def _lines(conversation_id: str, message_ids: Sequence[str]) -> list[Line]:
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [conversation_id, list(message_ids)])
        return [orjson.loads(line) for (line,) in cursor.fetchall()]


def _extent(lines: Sequence[Line]) -> dict[str, int]:
    messages = [line["message"] for line in lines]
    return {
        "first_seq": messages[0]["seq"],
        "last_seq": messages[-1]["seq"],
        "max_version": max(message["version"] for message in messages),
        "messages": len(messages),
    }

"""Archived messages come back, to the places and versions that they had.

What has changed since is minded: people who were purged are nobody, and what retention has taken from messages that
stand it has taken from these too.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, LiteralString

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from chat_project.core import audit
from chat_project.core.db.cuid import cuid_floor
from chat_project.core.retention import LOCK_TIMEOUT
from messaging.enums import ArchiveState
from messaging.models import ArchiveSegment, Message
from messaging.search_text import search_vector
from messaging.services import archive_files
from messaging.services.archive_files import Line

BATCH = 100

_LOCK = "SELECT FROM conversations WHERE id = %s FOR NO KEY UPDATE"
# A client may have used an idempotency key again since. What an answer quotes may still be archived: see _RELINK.
_CHANGED_COLUMNS = {
    "sender_id": "(SELECT id FROM users WHERE id = m.sender_id)",
    "deleted_by_id": "(SELECT id FROM users WHERE id = m.deleted_by_id)",
    "reply_to_id": """(
        SELECT m.reply_to_id WHERE m.reply_to_id IN (SELECT item->'message'->>'id' FROM given) OR EXISTS (
            SELECT FROM messages AS t WHERE t.conversation_id = m.conversation_id AND t.id = m.reply_to_id
        )
    )""",
    "client_id": """(
        SELECT m.client_id WHERE NOT EXISTS (
            SELECT FROM messages AS t
            WHERE t.conversation_id = m.conversation_id AND t.sender_id = m.sender_id AND t.client_id = m.client_id
        )
    )""",
}
_INSERT: LiteralString = """
    WITH given AS MATERIALIZED (SELECT item FROM jsonb_array_elements(%s::jsonb) AS item)
    INSERT INTO messages (COLUMNS)
    SELECT VALUES_OF FROM given, jsonb_populate_record(NULL::messages, item->'message') AS m
    WHERE m.conversation_id = %s
    ON CONFLICT DO NOTHING
    RETURNING id
"""
_REACTIONS = """
    INSERT INTO message_reactions (conversation_id, message_id, user_id, emoji, created_at)
    SELECT r.conversation_id, r.message_id, r.user_id, r.emoji, r.created_at
    FROM jsonb_populate_recordset(NULL::message_reactions, %s::jsonb) AS r JOIN users ON users.id = r.user_id
    ON CONFLICT DO NOTHING
"""
_MENTIONS = """
    INSERT INTO message_mentions (conversation_id, message_id, user_id)
    SELECT r.conversation_id, r.message_id, r.user_id
    FROM jsonb_populate_recordset(NULL::message_mentions, %s::jsonb) AS r JOIN users ON users.id = r.user_id
    ON CONFLICT DO NOTHING
"""
_EDITS = """
    INSERT INTO message_edits (conversation_id, message_id, edit_no, content, metadata, edited_by_id, edited_at)
    SELECT r.conversation_id, r.message_id, r.edit_no, r.content, r.metadata, users.id, r.edited_at
    FROM jsonb_populate_recordset(NULL::message_edits, %s::jsonb) AS r LEFT JOIN users ON users.id = r.edited_by_id
    WHERE r.edited_at >= %s
    ON CONFLICT DO NOTHING
"""
_RECEIPTS = """
    INSERT INTO message_receipts (conversation_id, message_id, user_id, type, created_at)
    SELECT r.conversation_id, r.message_id, r.user_id, r.type, r.created_at
    FROM jsonb_populate_recordset(NULL::message_receipts, %s::jsonb) AS r JOIN users ON users.id = r.user_id
    WHERE r.message_id >= %s
    ON CONFLICT DO NOTHING
"""
_RELINK = """
    UPDATE messages AS m SET reply_to_id = link.target
    FROM unnest(%s::text[], %s::text[]) AS link (id, target)
    WHERE m.conversation_id = %s AND m.id = link.id AND m.reply_to_id IS NULL AND EXISTS (
        SELECT FROM messages AS t WHERE t.conversation_id = m.conversation_id AND t.id = link.target
    )
"""


def list_archived_conversations() -> list[str]:
    """Return the conversations of which something is archived."""
    rows = ArchiveSegment.objects.order_by("conversation_id").distinct()
    return list(rows.values_list("conversation_id", flat=True))


def list_segments(*, conversation_id: str) -> list[ArchiveSegment]:
    """Return what is archived of a conversation, the oldest first."""
    return list(ArchiveSegment.objects.filter(conversation_id=conversation_id).order_by("first_seq", "id"))


def check_segment(segment: ArchiveSegment) -> int:
    """Return how many messages a segment's object holds. Raises ArchiveDamagedError, and what the storage raises."""
    return len(archive_files.read_lines(segment))


def restore_conversation(*, conversation_id: str) -> Iterator[int]:
    """Put all archived messages of a conversation back, and tell how many have come after each batch.

    Every object is checked before the first row is written. Killed anywhere, another run goes on; until then nothing
    more is archived there. Raises ArchiveDamagedError, and what the storage raises.
    """
    segments = list_segments(conversation_id=conversation_id)
    for segment in segments:
        check_segment(segment)
    _begin(conversation_id)
    restored = 0
    for segment in segments:
        # As it stands now: what was left out stands in the database.
        segment.refresh_from_db()
        lines = archive_files.read_lines(segment)
        for place in range(0, len(lines), BATCH):
            restored += _insert(conversation_id, lines[place : place + BATCH])
            yield restored
    for segment in segments:
        _relink(conversation_id, archive_files.read_lines(segment))
    for segment in segments:
        _finish(segment)


@transaction.atomic
def _begin(conversation_id: str) -> None:
    """Have no run archive here any more, under the lock that it takes too."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [conversation_id])
    ArchiveSegment.objects.filter(conversation_id=conversation_id).update(state=ArchiveState.RESTORING)


@transaction.atomic
def _insert(conversation_id: str, lines: Sequence[Line]) -> int:
    """Insert messages with what hangs on them; those that stand are left as they are. Return how many came."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        cursor.execute(
            _statement(lines), [orjson.dumps([_with_search(line) for line in lines]).decode(), conversation_id]
        )
        new = {message_id for (message_id,) in cursor.fetchall()}
        for statement, rows, extra in (
            (_REACTIONS, "reactions", []),
            (_MENTIONS, "mentions", []),
            (_EDITS, "edits", [_horizon(settings.EDIT_RETENTION_DAYS) or "-infinity"]),
            (_RECEIPTS, "receipts", [_receipts_from()]),
        ):
            hanging = [row for line in lines if line["message"]["id"] in new for row in line[rows]]
            if hanging:
                cursor.execute(statement, [orjson.dumps(hanging).decode(), *extra])
    return len(new)


def _statement(lines: Sequence[Line]) -> str:
    """Return the INSERT for those columns that the lines and the table have; others take their defaults."""
    columns = [str(field.column) for field in Message._meta.concrete_fields]
    named = [name for name in columns if name in lines[0]["message"] or name == "search"]
    values = ", ".join(_CHANGED_COLUMNS.get(name, f'm."{name}"') for name in named)
    listed = ", ".join(f'"{name}"' for name in named)
    return _INSERT.replace("COLUMNS", listed).replace("VALUES_OF", values)


def _with_search(line: Line) -> dict[str, Any]:
    message = line["message"]
    searched = not message["is_deleted"] and message["encryption"] is None
    return {"message": {**message, "search": search_vector(message["content"]) if searched else None}}


def _relink(conversation_id: str, lines: Sequence[Line]) -> None:
    """Have answers quote again what came back after them."""
    links = [(line["message"]["id"], line["message"]["reply_to_id"]) for line in lines]
    links = [(message_id, target) for message_id, target in links if target is not None]
    for place in range(0, len(links), BATCH):
        part = links[place : place + BATCH]
        with connection.cursor() as cursor:
            cursor.execute(_RELINK, [[mid for mid, _ in part], [target for _, target in part], conversation_id])


@transaction.atomic
def _finish(segment: ArchiveSegment) -> None:
    """Forget a segment whose messages stand; its object is swept later."""
    rows, _ = ArchiveSegment.objects.filter(pk=segment.pk).delete()
    if rows:
        audit.record(
            actor_id=None,
            action="messages.restored",
            target=segment,
            conversation_id=segment.conversation_id,
            month=f"{segment.month:%Y-%m}",
            rows=segment.messages,
        )


def _horizon(days: int) -> Any:
    return timezone.now() - timedelta(days=days) if days > 0 else None


def _receipts_from() -> str:
    horizon = _horizon(settings.RECEIPT_RETENTION_DAYS)
    return cuid_floor(horizon) if horizon else ""

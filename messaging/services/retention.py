"""What of messages is past its time: the content of tombstones, the texts before edits, and receipts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from attachments.services.retention import purge_files_of_messages
from chat_project.core.db.cuid import cuid_floor
from chat_project.core.retention import Key

# A tombstone that holds nothing any more is passed over.
_TOMBSTONES = """
    SELECT deleted_at, conversation_id, id FROM messages AS m
    WHERE is_deleted AND deleted_at < %s AND (deleted_at, conversation_id, id) > (%s, %s, %s)
        AND (
            content <> '' OR metadata <> '{}' OR forwarded_from IS NOT NULL OR encryption IS NOT NULL
            OR EXISTS (
                SELECT FROM message_edits WHERE conversation_id = m.conversation_id AND message_id = m.id
            )
            OR EXISTS (
                SELECT FROM message_reactions WHERE conversation_id = m.conversation_id AND message_id = m.id
            )
            OR EXISTS (SELECT FROM attachments WHERE conversation_id = m.conversation_id AND message_id = m.id)
        )
    ORDER BY deleted_at, conversation_id, id LIMIT %s
"""
# Nothing that anybody sees changes: no version is drawn.
_EMPTY = """
    UPDATE messages SET content = '', metadata = '{}', forwarded_from = NULL, encryption = NULL
    WHERE (conversation_id, id) IN (SELECT * FROM unnest(%s::text[], %s::text[])) AND is_deleted
"""
_FORGET_EDITS = """
    DELETE FROM message_edits
    WHERE (conversation_id, message_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""
_FORGET_REACTIONS = """
    DELETE FROM message_reactions
    WHERE (conversation_id, message_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""

_EDITS = """
    SELECT edited_at, conversation_id, message_id, edit_no FROM message_edits
    WHERE edited_at < %s AND (edited_at, conversation_id, message_id, edit_no) > (%s, %s, %s, %s)
    ORDER BY edited_at, conversation_id, message_id, edit_no LIMIT %s
"""
_DROP_EDITS = """
    DELETE FROM message_edits WHERE (conversation_id, message_id, edit_no) IN (
        SELECT * FROM unnest(%s::text[], %s::text[], %s::integer[])
    )
"""

# By the message's id, which tells its time, and lies in the key that the walk goes by.
_RECEIPTS = """
    SELECT conversation_id, message_id, user_id, type::text FROM message_receipts
    WHERE message_id < %s AND (conversation_id, message_id, user_id, type) > (%s, %s, %s, %s::receipt_type)
    ORDER BY conversation_id, message_id, user_id, type LIMIT %s
"""
_DROP_RECEIPTS = """
    DELETE FROM message_receipts WHERE (conversation_id, message_id, user_id, type) IN (
        SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::receipt_type[])
    )
"""
_FIRST_TIME = "-infinity"


def find_tombstones(before: datetime, after: Key | None, limit: int) -> Sequence[Key]:
    """Return messages that were deleted before a moment and still hold something."""
    return _rows(_TOMBSTONES, [before, *(after or (_FIRST_TIME, "", "")), limit])


def empty_tombstones(keys: Sequence[Key]) -> int:
    """Take content, edits, reactions and files from tombstones; the tombstones stay. Return how many."""
    _, conversation_ids, message_ids = _columns(keys)
    listed = [conversation_ids, message_ids]
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY, listed)
        emptied = int(cursor.rowcount)
        cursor.execute(_FORGET_EDITS, listed)
        cursor.execute(_FORGET_REACTIONS, listed)
    purge_files_of_messages([(cid, mid) for _, cid, mid in keys])
    return emptied


def find_edits(before: datetime, after: Key | None, limit: int) -> Sequence[Key]:
    """Return the texts before edits that were made before a moment."""
    return _rows(_EDITS, [before, *(after or (_FIRST_TIME, "", "", 0)), limit])


def drop_edits(keys: Sequence[Key]) -> int:
    """Delete texts before edits; that a message was edited, and how often, stays. Return how many."""
    _, *listed = _columns(keys)
    return _changed(_DROP_EDITS, listed)


def find_receipts(before: datetime, after: Key | None, limit: int) -> Sequence[Key]:
    """Return the receipts of messages from before a moment."""
    return _rows(_RECEIPTS, [cuid_floor(before), *(after or ("", "", "", "DELIVERED")), limit])


def drop_receipts(keys: Sequence[Key]) -> int:
    """Delete receipts; how far each member has read stays. Return how many."""
    return _changed(_DROP_RECEIPTS, _columns(keys))


def _rows(statement: str, params: Sequence[Any]) -> Sequence[Key]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def _changed(statement: str, params: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def _columns(keys: Sequence[Key]) -> list[list[Any]]:
    return [list(column) for column in zip(*keys, strict=True)]

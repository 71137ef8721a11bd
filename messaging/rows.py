"""Messages as they are read: one statement brings all that their representation needs, however many they are.

It is written out: to put it together through the ORM took 15 ms of CPU, to run it for a page of 50 takes 3. Times come
as the contract writes them, and rows are tuples: a catch-up of 1,000 messages spent a third of its CPU on datetimes and
objects that were only made to be written out again.
"""

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString, NamedTuple

import orjson

from accounts.authors import Author
from chat_project.core.db.replica import connection_for_reading

# Reactions name everybody in conversations of up to so many members.
REACTORS_MAX = 100
# A message lists whom it names up to so many; one more is read, to tell that there are.
MENTIONS_SHOWN = 100

# How `to_char` writes a time in UTC as the contract does.
RFC3339: LiteralString = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""
_COLUMNS: LiteralString = """
    SELECT
        m.conversation_id, m.id, m.seq, m.version, m.type::text, m.content, m.metadata, m.forwarded_from, m.client_id,
        to_char(m.edited_at AT TIME ZONE 'UTC', RFC3339), m.edit_count,
        m.is_deleted OR (m.expires_at <= now()) IS TRUE,
        to_char(
            coalesce(m.deleted_at, CASE WHEN m.expires_at <= now() THEN m.expires_at END) AT TIME ZONE 'UTC', RFC3339
        ),
        m.pinned_at IS NOT NULL, m.encryption,
        to_char(m.created_at AT TIME ZONE 'UTC', RFC3339),
        sender.id, sender.username, sender.display_name, sender.avatar_key, sender.is_active,
        quoted.id, quoted.seq, quoted.sender_id, quoted.type::text, quoted.content,
        quoted.is_deleted OR (quoted.expires_at <= now()) IS TRUE, quoted.encryption IS NOT NULL,
        (
            SELECT jsonb_agg(
                jsonb_build_object('emoji', kind.emoji, 'count', kind.count, 'user_ids', kind.user_ids)
                ORDER BY kind.first, kind.emoji
            )
            FROM (
                SELECT
                    counted.*,
                    ARRAY(
                        SELECT user_id FROM message_reactions
                        WHERE conversation_id = m.conversation_id AND message_id = m.id AND emoji = counted.emoji
                        ORDER BY created_at, user_id LIMIT 100
                    ) AS user_ids
                FROM (
                    SELECT emoji, count(*) AS count, min(created_at) AS first FROM message_reactions
                    WHERE conversation_id = m.conversation_id AND message_id = m.id
                    GROUP BY emoji
                ) AS counted
            ) AS kind
        ),
        (
            SELECT array_agg(user_id ORDER BY user_id)
            FROM (
                SELECT user_id FROM message_mentions
                WHERE conversation_id = m.conversation_id AND message_id = m.id
                ORDER BY user_id LIMIT 101
            ) AS named
        ),
        (
            SELECT jsonb_agg(
                jsonb_build_object(
                    'id', id, 'conversation_id', conversation_id, 'message_id', message_id, 'file_name', file_name,
                    'mime_type', mime_type, 'size', size, 'width', width, 'height', height, 'duration', duration,
                    'placeholder', placeholder, 'status', status, 'has_thumbnail', thumbnail_key IS NOT NULL,
                    'waveform', waveform,
                    'created_at', to_char(created_at AT TIME ZONE 'UTC', RFC3339)
                )
                ORDER BY position, id
            )
            FROM attachments
            WHERE conversation_id = m.conversation_id AND message_id = m.id
        ),
        origin.id, origin.username, origin.display_name, origin.avatar_key, origin.is_active,
        (m.expires_at IS NOT NULL AND NOT m.is_deleted) OR (quoted.expires_at IS NOT NULL AND NOT quoted.is_deleted)
""".replace("RFC3339", RFC3339)
_JOINS: LiteralString = """
    LEFT JOIN users sender ON sender.id = m.sender_id
    LEFT JOIN messages quoted ON quoted.conversation_id = m.conversation_id AND quoted.id = m.reply_to_id
    LEFT JOIN users origin ON origin.id = m.forwarded_from->>'sender_id'
"""
_FROM_TABLE: LiteralString = "FROM messages m"
# OFFSET 0 keeps it a probe a key: for a thousand keys the planner would read every partition and hash it.
_FROM_KEYS: LiteralString = """
    FROM unnest(string_to_array(%s, ','), string_to_array(%s, ',')) AS wanted (conversation_id, id)
    CROSS JOIN LATERAL (
        SELECT * FROM messages WHERE conversation_id = wanted.conversation_id AND id = wanted.id OFFSET 0
    ) AS m
"""


class Quote(NamedTuple):
    """What a reply shows of its target."""

    id: str
    seq: int
    sender_id: str | None
    type: str
    content: str
    is_deleted: bool
    is_encrypted: bool


class MessageRow(NamedTuple):
    """One message and what hangs on it; `attachments`, `reactions` and times nearly as the contract shows them.

    `origin` is who wrote what was forwarded, where that is not hidden. `expires` says that it, or what it quotes, is
    still to be made a tombstone by the clock. What has expired is deleted, also in the moments
    before it is made a tombstone.
    """

    conversation_id: str
    id: str
    seq: int
    version: int
    type: str
    content: str
    metadata: dict[str, Any]
    forwarded_from: dict[str, Any] | None
    client_id: str | None
    edited_at: str | None
    edit_count: int
    is_deleted: bool
    deleted_at: str | None
    is_pinned: bool
    encryption: dict[str, Any] | None
    created_at: str
    sender: Author | None
    quote: Quote | None
    reactions: list[dict[str, Any]]
    mentions: list[str]
    attachments: list[dict[str, Any]]
    origin: Author | None
    expires: bool


def messages_where(condition: LiteralString, params: Sequence[Any]) -> list[MessageRow]:
    """Return the messages `m` of a condition, with its order and limit: `"m.conversation_id = %s ORDER BY …"`."""
    return _read((_COLUMNS, _FROM_TABLE, _JOINS, "WHERE", condition), params)


def messages_by_key(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], MessageRow]:
    """Return messages by (conversation id, id)."""
    wanted = list(keys)
    if not wanted:
        return {}
    # As two texts: to write two arrays of a thousand keys took as long as to read the messages.
    conversation_ids, ids = map(",".join, zip(*wanted, strict=True))
    rows = _read((_COLUMNS, _FROM_KEYS, _JOINS), [conversation_ids, ids])
    return {(row.conversation_id, row.id): row for row in rows}


def _read(statement: Sequence[LiteralString], params: Sequence[Any]) -> list[MessageRow]:
    with connection_for_reading().cursor() as cursor:
        cursor.execute("\n".join(statement), params)
        senders: dict[str, Author] = {}
        return [_row(values, senders) for values in cursor.fetchall()]


def _row(values: Sequence[Any], senders: dict[str, Author]) -> MessageRow:
    """Return a row; who wrote several is made once."""
    sender_id = values[16]
    if sender_id is not None and sender_id not in senders:
        senders[sender_id] = Author(*values[16:21])
    metadata, forwarded_from, encryption, reactions, attachments = map(
        _json, (values[6], values[7], values[14], values[28], values[30])
    )
    return MessageRow._make(
        (
            *values[:6],
            metadata,
            forwarded_from,
            *values[8:14],
            encryption,
            values[15],
            None if sender_id is None else senders[sender_id],
            None if values[21] is None else Quote(*values[21:28]),
            reactions or [],
            values[29] or [],
            attachments or [],
            None if values[31] is None else Author(*values[31:36]),
            values[36] is True,
        )
    )


def _json(text: str | None) -> Any:
    """Return a jsonb value, which Django has psycopg leave as its text."""
    return None if text is None else orjson.loads(text)

"""Dialogs as they are read: a conversation and one member's place in it, in one statement however many they are.

It is written out, and gives no models: for a list of 100, to put it together took 1 ms of CPU and the models 4. Times
that are only told come as the contract writes them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

import orjson
from django.db import connection

from messaging.rows import RFC3339

# What a list is ordered by: when something was last said, else when the conversation began.
ACTIVITY: LiteralString = "COALESCE(c.last_message_at, c.created_at)"

_COLUMNS: LiteralString = """
    SELECT
        c.id, c.type::text, c.title, c.description, c.handle, c.avatar_key, c.owner_id, c.settings, c.dm_key,
        c.member_count, c.version, c.last_seq, c.last_message_id, c.archived_at,
        to_char(c.created_at AT TIME ZONE 'UTC', RFC3339), to_char(c.updated_at AT TIME ZONE 'UTC', RFC3339),
        m.user_id, m.role::text, m.permissions, m.restricted_until, m.visible_from_seq, m.last_read_seq,
        m.last_read_message_id, m.unread_mention_count, m.muted_until, m.is_pinned, m.is_archived, m.draft,
        to_char(COALESCE(c.last_message_at, c.created_at) AT TIME ZONE 'UTC', RFC3339)
""".replace("RFC3339", RFC3339)
_FROM: LiteralString = """
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.is_active AND
"""


class DialogRow(NamedTuple):
    """An active member's place in a conversation, and the conversation, whose `id` this is."""

    id: str
    type: str
    title: str
    description: str
    handle: str | None
    avatar_key: str | None
    owner_id: str | None
    settings: dict[str, Any]
    dm_key: str | None
    member_count: int
    version: int
    last_seq: int
    last_message_id: str | None
    archived_at: datetime | None
    created_at: str
    updated_at: str
    user_id: str
    role: str
    permissions: dict[str, bool]
    restricted_until: datetime | None
    visible_from_seq: int
    last_read_seq: int
    last_read_message_id: str | None
    unread_mention_count: int
    muted_until: datetime | None
    is_pinned: bool
    is_archived: bool
    draft: str
    activity: str

    @property
    def unread_count(self) -> int:
        """How many messages the member has not read."""
        return max(0, self.last_seq - self.last_read_seq)

    @property
    def peer_id(self) -> str | None:
        """The other's id in a DM; one's own in one's saved messages; None elsewhere."""
        if self.dm_key is None:
            return None
        first, second = self.dm_key.split(":")
        return second if first == self.user_id else first

    @property
    def last_key(self) -> tuple[str, str] | None:
        """The key of the last message, where the member may see it."""
        if self.last_message_id is None or self.last_seq < self.visible_from_seq:
            return None
        return self.id, self.last_message_id


def dialogs_where(condition: LiteralString, params: Sequence[Any]) -> list[DialogRow]:
    """Return the dialogs of active members `m` of conversations `c`, by a condition with its order and limit."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_COLUMNS} {_FROM} {condition}", params)
        return [_row(values) for values in cursor.fetchall()]


def _row(values: Sequence[Any]) -> DialogRow:
    columns = list(values)
    for place in _JSON:
        # Django has psycopg leave jsonb as its text.
        columns[place] = orjson.loads(columns[place])
    return DialogRow._make(columns)


_JSON = [DialogRow._fields.index(name) for name in ("settings", "permissions")]

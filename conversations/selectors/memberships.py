"""Membership: what a policy needs to know of a person in a conversation, read in one statement.

Every call asks it first, so it is written out: to put it together through the ORM took 6 ms of CPU, to run it 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from accounts.authors import Author
from conversations.enums import ConversationType, Role
from conversations.errors import ConversationNotFoundError

# The other person of a DM stands in its key, also once they are purged; in one's saved messages there is none. Never by
# who else is a member: in a group of thousands that would read them all.
_MEMBERSHIP = """
    SELECT
        c.type::text, m.role::text, m.permissions, c.settings, c.members_version, c.member_count, m.visible_from_seq,
        c.archived_at, u.privacy_settings, m.restricted_until, c.version,
        u.id, u.username, u.display_name, u.avatar_key, u.is_active,
        peer.id, coalesce(person.is_active, false), coalesce(other.has_sent, false),
        coalesce(person.privacy_settings, '{}'),
        EXISTS (SELECT FROM blocked_users WHERE blocker_id = m.user_id AND blocked_id = peer.id)
            OR EXISTS (SELECT FROM blocked_users WHERE blocker_id = peer.id AND blocked_id = m.user_id),
        EXISTS (
            SELECT FROM contact_requests
            WHERE status = 'ACCEPTED' AND from_user_id = m.user_id AND to_user_id = peer.id
        ) OR EXISTS (
            SELECT FROM contact_requests
            WHERE status = 'ACCEPTED' AND from_user_id = peer.id AND to_user_id = m.user_id
        )
    FROM conversation_members m
    JOIN conversations c ON c.id = m.conversation_id
    JOIN users u ON u.id = m.user_id
    CROSS JOIN LATERAL (SELECT nullif(replace(replace(c.dm_key, m.user_id, ''), ':', ''), '') AS id) AS peer
    LEFT JOIN conversation_members other ON other.conversation_id = c.id AND other.user_id = peer.id
    LEFT JOIN users person ON person.id = peer.id
    WHERE m.conversation_id = %s AND m.user_id = %s AND m.is_active
"""
_IS_MEMBER = "SELECT FROM conversation_members WHERE conversation_id = %s AND user_id = %s AND is_active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The other person of a DM, as sends to them are judged."""

    user_id: str
    is_open: bool
    blocked: bool
    is_contact: bool
    has_sent: bool
    privacy_settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """An active member of a conversation, as of `members_version`; the conversation was at `version` then."""

    conversation_id: str
    user_id: str
    type: ConversationType
    role: Role
    permissions: Mapping[str, bool]
    restricted_until: datetime | None
    settings: Mapping[str, Any]
    members_version: int
    version: int
    member_count: int
    visible_from_seq: int
    archived_at: datetime | None
    author: Author
    privacy_settings: Mapping[str, Any]
    peer: Peer | None

    @property
    def is_dm(self) -> bool:
        return self.type == ConversationType.DM


def get_membership(*, viewer_id: str, conversation_id: str) -> Membership:
    """Return the viewer's membership. One statement. Raises ConversationNotFoundError for who is no active member."""
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERSHIP, [conversation_id, viewer_id])
        row = cursor.fetchone()
    if row is None:
        raise ConversationNotFoundError
    author, peer = row[11:16], row[16:]
    return Membership(
        conversation_id=conversation_id,
        user_id=viewer_id,
        type=ConversationType(row[0]),
        role=Role(row[1]),
        permissions=orjson.loads(row[2]),
        settings=orjson.loads(row[3]),
        members_version=row[4],
        member_count=row[5],
        visible_from_seq=row[6],
        archived_at=row[7],
        privacy_settings=orjson.loads(row[8]),
        restricted_until=row[9],
        version=row[10],
        author=Author(*author),
        peer=None if peer[0] is None else _peer(*peer),
    )


def require_membership(*, viewer_id: str, conversation_id: str) -> None:
    """Raise ConversationNotFoundError for who is no active member: asked before a body is looked at."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_MEMBER, [conversation_id, viewer_id])
        if cursor.fetchone() is None:
            raise ConversationNotFoundError


def _peer(user_id: str, is_open: bool, has_sent: bool, privacy: str, blocked: bool, is_contact: bool) -> Peer:
    return Peer(
        user_id=user_id,
        is_open=is_open,
        blocked=blocked,
        is_contact=is_contact,
        has_sent=has_sent,
        privacy_settings=orjson.loads(privacy),
    )

"""Who got a message, and who has read it.

How far a member got says that; rows say when. A row that is missing, since many messages were passed at once, takes
its time from the member's next one: positions never move back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from django.conf import settings
from django.db import connection

from accounts import policies as accounts_policies
from accounts.models import User
from accounts.selectors.people import Person, get_people
from chat_project.core.api.pagination import DEFAULT_LIMIT, read_cursor, write_cursor
from chat_project.core.errors import NotAllowedError
from conversations.enums import ConversationType, Role
from conversations.policies import RANK
from conversations.selectors.memberships import Membership, get_membership
from messaging.enums import ReceiptType
from messaging.errors import MessageNotFoundError

CURSOR_KIND = "receipts"

_MESSAGE = "SELECT seq, sender_id FROM messages WHERE conversation_id = %s AND id = %s AND seq >= %s"
# When: by the member's first row at the message or after it, one look into the key. In a channel, MEMBERs are hidden
# from everybody. What came before somebody joined counts as read without having been.
_RECEIPTS: LiteralString = """
    SELECT
        m.user_id,
        got.type::text,
        CASE WHEN %(timed)s THEN (
            SELECT kept.created_at FROM message_receipts kept
            WHERE kept.conversation_id = m.conversation_id AND kept.message_id >= message.id
                AND kept.user_id = m.user_id AND kept.type = got.type
            ORDER BY kept.message_id LIMIT 1
        ) END
    FROM conversation_members m
    JOIN users person ON person.id = m.user_id
    JOIN messages message ON message.conversation_id = m.conversation_id AND message.id = %(message)s
    CROSS JOIN LATERAL (
        VALUES
            ('DELIVERED'::receipt_type, greatest(m.last_delivered_seq, m.last_read_seq)),
            ('READ'::receipt_type, m.last_read_seq)
    ) AS got (type, up_to)
    WHERE m.conversation_id = %(conversation)s AND m.user_id IS DISTINCT FROM message.sender_id
        AND NOT (%(channel)s AND m.role = 'MEMBER')
        AND (
            m.is_active AND got.up_to >= message.seq AND m.joined_at <= message.created_at
            OR EXISTS (
                SELECT FROM message_receipts kept
                WHERE kept.conversation_id = m.conversation_id AND kept.message_id = message.id
                    AND kept.user_id = m.user_id AND kept.type = got.type
            )
        )
        AND (
            m.user_id = %(viewer)s OR got.type <> 'READ'
            OR %(shares)s AND coalesce((person.privacy_settings->>'read_receipts')::boolean, true)
        )
        AND NOT EXISTS (SELECT FROM blocked_users WHERE blocker_id = %(viewer)s AND blocked_id = m.user_id)
        AND NOT EXISTS (SELECT FROM blocked_users WHERE blocker_id = m.user_id AND blocked_id = %(viewer)s)
        AND (m.user_id, got.type::text) > (%(after_user)s, %(after_type)s)
    ORDER BY m.user_id, got.type::text
    LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a message reached somebody or was read by them; when, where that is kept and for the viewer to know."""

    person: Person
    type: ReceiptType
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """A page of receipts, by person, and the cursor to the next."""

    results: list[Receipt]
    next: str | None


def list_receipts(
    *,
    viewer: User,
    conversation_id: str,
    message_id: str,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> ReceiptPage:
    """Return a page of who got a message and who has read it, as far as privacy shows it. Four statements.

    READ is hidden where one of the two hides reading. Raises ConversationNotFoundError, MessageNotFoundError,
    NotAllowedError for all but the sender, OWNER and ADMINs.
    """
    membership = get_membership(viewer_id=viewer.pk, conversation_id=conversation_id)
    _require_may_see(membership, message_id)
    scope = f"{conversation_id}:{message_id}"
    position = {"user": "", "type": ""}
    if cursor is not None:
        position = read_cursor(cursor, kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope)
    rows = _read(membership, message_id, position, limit + 1)
    following = None
    if len(rows) > limit:
        # What is told of one person stands on one page, where more than one row fits there.
        is_split = limit > 1 and rows[limit][0] == rows[limit - 1][0]
        rows = rows[: limit - is_split]
        position = {"user": rows[-1][0], "type": rows[-1][1]}
        following = write_cursor(kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope, position=position)
    people = get_people(viewer=viewer, user_ids={user_id for user_id, _, _ in rows})
    return ReceiptPage(
        [_receipt(people[user_id], type, at) for user_id, type, at in rows if user_id in people], following
    )


def _require_may_see(membership: Membership, message_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MESSAGE, [membership.conversation_id, message_id, membership.visible_from_seq])
        row = cursor.fetchone()
    if row is None:
        raise MessageNotFoundError
    if row[1] != membership.user_id and RANK[membership.role] < RANK[Role.ADMIN]:
        raise NotAllowedError


def _read(
    membership: Membership, message_id: str, position: dict[str, Any], limit: int
) -> list[tuple[str, str, datetime | None]]:
    channel = membership.type == ConversationType.CHANNEL
    params = {
        "conversation": membership.conversation_id,
        "message": message_id,
        "viewer": membership.user_id,
        "channel": channel,
        "timed": not channel and membership.member_count <= settings.RECEIPTS_MAX_MEMBERS,
        "shares": accounts_policies.shares_reading(membership.privacy_settings),
        "after_user": position["user"],
        "after_type": position["type"],
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECEIPTS, params)
        return cursor.fetchall()


def _receipt(person: Person, type: str, at: datetime | None) -> Receipt:
    """Return a receipt; when a message arrived tells when somebody was there."""
    hidden = type == ReceiptType.DELIVERED and not accounts_policies.shows_last_seen(person)
    return Receipt(person, ReceiptType(type), None if hidden else at)

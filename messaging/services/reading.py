"""How far messages have reached people, and how far they have read."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import BooleanField, ExpressionWrapper

from accounts import policies as accounts_policies
from accounts.models import User
from accounts.selectors.people import not_parted_from
from chat_project.core.realtime.publish import publish_on_commit
from conversations import policies
from conversations.enums import ConversationType
from conversations.selectors.memberships import Membership, get_membership
from messaging import events
from messaging.errors import MessageNotFoundError

# Rows tell of so many of the newest messages that one call passes: what a call costs has an end. How far the member
# got tells of those before.
RECEIPTS_AT_ONCE = 500

# `mark_position` (migration 0005) is one statement however many messages are passed.
_MARK = """
    SELECT message_seq, read_seq, newest_seq, was_read, was_delivered, read_senders, delivered_senders
    FROM mark_position(%s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class _Position:
    """Where a member stands after a call, what moved, and who wrote what was passed."""

    seq: int
    read_seq: int
    newest_seq: int
    was_read: bool
    was_delivered: bool
    read_senders: list[str] | None
    delivered_senders: list[str] | None

    @property
    def unread_count(self) -> int:
        return max(0, self.newest_seq - self.read_seq)

    def rendered(self) -> dict[str, Any]:
        """Return the answer to a call."""
        return {"last_read_seq": self.read_seq, "unread_count": self.unread_count}


@transaction.atomic
def mark_read(*, reader_id: str, conversation_id: str, message_id: str) -> dict[str, Any]:
    """Note that a member has read all up to a message; never moves back. Return the reading position.

    What was read has arrived. Raises ConversationNotFoundError, MessageNotFoundError.
    """
    membership = get_membership(viewer_id=reader_id, conversation_id=conversation_id)
    position = _mark(membership, message_id, is_read=True)
    if position.was_read:
        publish_on_commit(
            events.own_reading(
                membership=membership,
                message_id=message_id,
                last_read_seq=position.read_seq,
                unread_count=position.unread_count,
            )
        )
    _tell_senders(membership, message_id, position)
    return position.rendered()


@transaction.atomic
def mark_delivered(*, receiver_id: str, conversation_id: str, message_id: str) -> dict[str, Any]:
    """Note that all up to a message has reached a member; never moves back. Return the reading position.

    Raises ConversationNotFoundError, MessageNotFoundError, NotAllowedError in a DM that a block parts.
    """
    membership = get_membership(viewer_id=receiver_id, conversation_id=conversation_id)
    policies.require_no_block(membership)
    position = _mark(membership, message_id, is_read=False)
    _tell_senders(membership, message_id, position)
    return position.rendered()


def _mark(membership: Membership, message_id: str, *, is_read: bool) -> _Position:
    shows_reading = accounts_policies.shares_reading(membership.privacy_settings)
    receipts_max = RECEIPTS_AT_ONCE if _keeps_receipts(membership) else 0
    key = [membership.conversation_id, membership.user_id, message_id]
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [*key, is_read, shows_reading, receipts_max])
        row = cursor.fetchone()
    if row is None:
        raise MessageNotFoundError
    return _Position(*row)


def _keeps_receipts(membership: Membership) -> bool:
    """Tell whether receipts are kept and told: not in channels, nor in large groups, nor behind a block."""
    if membership.type == ConversationType.CHANNEL or membership.member_count > settings.RECEIPTS_MAX_MEMBERS:
        return False
    return membership.peer is None or not membership.peer.blocked


def _tell_senders(membership: Membership, message_id: str, position: _Position) -> None:
    """Tell who wrote what was passed: of reading where neither side hides it, else that it arrived."""
    read, delivered = set(position.read_senders or ()), set(position.delivered_senders or ())
    if not read | delivered:
        return
    heard = User.objects.filter(not_parted_from(membership.user_id), pk__in=read | delivered).annotate(
        shares=ExpressionWrapper(accounts_policies.sharing_reading(), output_field=BooleanField())
    )
    shares = accounts_policies.shares_reading(membership.privacy_settings)
    standing = dict(heard.values_list("pk", "shares"))
    readable = {user_id for user_id, in_return in standing.items() if shares and in_return and user_id in read}
    audiences = (("receipt.read", readable), ("receipt.delivered", (standing.keys() & delivered) - readable))
    for event, senders in audiences:
        if senders:
            publish_on_commit(
                events.receipt(
                    event=event,
                    membership=membership,
                    message_id=message_id,
                    seq=position.seq,
                    senders=tuple(sorted(senders)),
                )
            )

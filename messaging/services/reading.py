"""How far people have read."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts import policies as accounts_policies
from accounts.models import User
from accounts.selectors.people import not_parted_from
from chat_project.core.realtime.publish import publish_on_commit
from conversations.enums import ConversationType, Role
from conversations.models import Conversation, ConversationMember
from conversations.selectors.memberships import Membership, get_membership
from messaging import events
from messaging.errors import MessageNotFoundError
from messaging.models import Message

# Whose messages were read is looked for among so many of the newest.
RECEIPTS_LOOKED_AT = 1000


@transaction.atomic
def mark_read(*, reader_id: str, conversation_id: str, message_id: str) -> dict[str, Any]:
    """Note that a member has read all up to a message; never moves back. Return the reading position.

    Raises ConversationNotFoundError, MessageNotFoundError.
    """
    membership = get_membership(viewer_id=reader_id, conversation_id=conversation_id)
    seq = (
        Message.objects.filter(conversation_id=conversation_id, id=message_id, seq__gte=membership.visible_from_seq)
        .values_list("seq", flat=True)
        .first()
    )
    if seq is None:
        raise MessageNotFoundError
    # The row's lock decides between two devices that read at once.
    member = ConversationMember.objects.select_for_update(no_key=True).get(pk=(conversation_id, reader_id))
    last_seq = Conversation.objects.values_list("last_seq", flat=True).get(pk=conversation_id)
    read_before = member.last_read_seq
    if seq > read_before:
        member.last_read_seq = seq
        member.last_read_message_id = message_id
        member.last_read_at = Now()
        member.last_delivered_seq = max(seq, member.last_delivered_seq)
        if seq == last_seq:
            member.unread_mention_count = 0
        member.save(
            update_fields=[
                "last_read_seq",
                "last_read_message_id",
                "last_read_at",
                "last_delivered_seq",
                "unread_mention_count",
            ]
        )
        _tell(membership, message_id=message_id, read_before=read_before, seq=seq, unread_count=last_seq - seq)
    return {
        "last_read_seq": member.last_read_seq,
        "unread_count": max(0, last_seq - member.last_read_seq),
    }


def _tell(membership: Membership, *, message_id: str, read_before: int, seq: int, unread_count: int) -> None:
    publish_on_commit(
        events.own_reading(
            membership=membership, message_id=message_id, last_read_seq=seq, unread_count=max(0, unread_count)
        )
    )
    senders = _who_may_know(membership, read_before=read_before, seq=seq)
    if senders:
        publish_on_commit(events.receipt_read(membership=membership, message_id=message_id, seq=seq, senders=senders))


def _who_may_know(membership: Membership, *, read_before: int, seq: int) -> tuple[str, ...]:
    """Return the senders of what was read, less those with whom one of the two hides reading, or a block stands."""
    silent_reader = membership.type == ConversationType.CHANNEL and membership.role == Role.MEMBER
    if silent_reader or not accounts_policies.shares_reading(membership.privacy_settings):
        return ()
    senders = (
        Message.objects.filter(
            conversation_id=membership.conversation_id,
            seq__gt=max(read_before, seq - RECEIPTS_LOOKED_AT),
            seq__lte=seq,
            sender__isnull=False,
        )
        .exclude(sender_id=membership.user_id)
        .values("sender_id")
    )
    heard = User.objects.filter(
        accounts_policies.sharing_reading(), not_parted_from(membership.user_id), pk__in=senders
    )
    return tuple(heard.values_list("pk", flat=True))

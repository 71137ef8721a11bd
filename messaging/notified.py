"""Who is to hear of a message on devices where the chat may not be open."""

from collections.abc import Collection

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import PushSubscription
from accounts.selectors.people import not_parted_from
from accounts.selectors.push import live_subscriptions
from conversations.enums import ConversationType
from conversations.models import ConversationMember
from messaging.models import MessageMention
from messaging.rows import MessageRow

_FOLLOWED = """
    SELECT wanted.id FROM unnest(%s::text[]) AS wanted (id)
    WHERE EXISTS (
        SELECT FROM push_subscriptions push
        JOIN conversation_members member ON member.user_id = push.user_id AND member.conversation_id = wanted.id
        WHERE member.is_active
    )
"""


def followed_conversations(conversation_ids: Collection[str]) -> set[str]:
    """Return those of these conversations in which somebody has a device that gets Web Push. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOWED, [list(conversation_ids)])
        return {conversation_id for (conversation_id,) in cursor.fetchall()}


def listeners(message: MessageRow, *, conversation_type: str) -> QuerySet[PushSubscription]:
    """Return the devices of the members who have yet to read a message, and want to hear of it.

    Who muted the conversation hears of what names or answers them, but not in a DM. Nobody hears of somebody from whom
    a block parts them.
    """
    sender_id = message.sender.id if message.sender is not None else ""
    members = ConversationMember.objects.filter(
        _wants(message, conversation_type),
        conversation_id=message.conversation_id,
        user_id=OuterRef("user_id"),
        is_active=True,
        visible_from_seq__lte=message.seq,
        last_read_seq__lt=message.seq,
    )
    others = live_subscriptions().exclude(user_id=sender_id)
    return others.filter(Exists(members), not_parted_from(sender_id, "user_id")).order_by("session_id")


def _wants(message: MessageRow, conversation_type: str) -> Q:
    hears = Q(muted_until=None) | Q(muted_until__lte=timezone.now())
    if conversation_type == ConversationType.DM:
        return hears
    named = MessageMention.objects.filter(
        conversation_id=message.conversation_id, message_id=message.id, user_id=OuterRef("user_id")
    )
    answered = message.quote.sender_id if message.quote is not None else None
    return hears | Q(Exists(named)) | Q(user_id=answered or "")

"""Memberships as the hub asks for them."""

from collections.abc import Sequence

from django.db.models import Q

from conversations.enums import ConversationType
from conversations.models import Conversation, ConversationMember
from conversations.policies import SEEN_IN_CHANNELS


def rooms_of(user_id: str) -> dict[str, tuple[int, int]]:
    """Return a person's conversations, each with its members_version and where the person's history begins."""
    rows = ConversationMember.objects.filter(user_id=user_id, is_active=True).values_list(
        "conversation_id", "conversation__members_version", "visible_from_seq"
    )
    return {conversation_id: (version, visible_from) for conversation_id, version, visible_from in rows}


def members_among(conversation_id: str, user_ids: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Return members_version, and which of these people are members, with where their history begins.

    The version is read first: a change between the two reads leaves it too low, and the list is read again.
    """
    version = Conversation.objects.filter(pk=conversation_id).values_list("members_version", flat=True).first() or 0
    rows = ConversationMember.objects.filter(conversation_id=conversation_id, user_id__in=user_ids, is_active=True)
    return version, dict(rows.values_list("user_id", "visible_from_seq"))


def acquaintances_among(user_id: str, user_ids: Sequence[str]) -> set[str]:
    """Return which of these people share a conversation with somebody in which they see them. One statement.

    In a channel all see its OWNER and ADMINs, and nobody else's name comes up.
    """
    seen_in = ConversationMember.objects.filter(user_id=user_id, is_active=True).exclude(
        ~Q(role__in=SEEN_IN_CHANNELS), conversation__type=ConversationType.CHANNEL
    )
    rows = ConversationMember.objects.filter(
        conversation_id__in=seen_in.values("conversation_id"), user_id__in=user_ids, is_active=True
    )
    return set(rows.values_list("user_id", flat=True))

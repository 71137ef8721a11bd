"""Memberships as the hub asks for them."""

from collections.abc import Sequence

from conversations.enums import ConversationType, Role
from conversations.models import Conversation, ConversationMember


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


def rooms_that_name(user_id: str) -> list[str]:
    """Return the conversations in which a person is seen: not the channels that they only read."""
    rows = ConversationMember.objects.filter(user_id=user_id, is_active=True).exclude(
        conversation__type=ConversationType.CHANNEL, role=Role.MEMBER
    )
    return list(rows.values_list("conversation_id", flat=True))

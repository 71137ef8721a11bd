"""What sockets are told of conversations and members, and the payloads."""

from collections.abc import Mapping
from typing import Any

from chat_project.core.realtime.events import ConversationEvent, MembershipChanged, PersonEvent
from conversations.models import Conversation


def membership_changed(conversation: Conversation, user_ids: tuple[str, ...]) -> MembershipChanged:
    """Have every process subscribe and unsubscribe these people's sockets."""
    return MembershipChanged(
        conversation_id=conversation.pk, members_version=conversation.members_version, user_ids=user_ids
    )


def conversation_added(*, user_id: str, payload: Mapping[str, Any]) -> PersonEvent:
    """Tell a person of a conversation that they are in now."""
    return PersonEvent(user_id=user_id, event="conversation.added", conversation_id=payload["id"], data=payload)


def conversation_updated(conversation: Conversation, payload: Mapping[str, Any]) -> ConversationEvent:
    """Tell members what all share of a conversation, under the version that the change drew."""
    return ConversationEvent(
        conversation_id=conversation.pk,
        members_version=conversation.members_version,
        event="conversation.updated",
        version=conversation.version,
        data=payload,
    )


def own_conversation_updated(*, user_id: str, payload: Mapping[str, Any]) -> PersonEvent:
    """Tell a person's devices of a conversation as that person sees it: what changed is theirs alone."""
    return PersonEvent(user_id=user_id, event="conversation.updated", conversation_id=payload["id"], data=payload)


def conversation_removed(*, user_id: str, conversation_id: str, reason: str) -> PersonEvent:
    """Tell a person that a conversation is none of theirs any more: left, removed, banned or deleted."""
    return PersonEvent(
        user_id=user_id, event="conversation.removed", conversation_id=conversation_id, data={"reason": reason}
    )


def member_event(
    conversation: Conversation, *, event: str, payload: Mapping[str, Any], only: tuple[str, ...] | None
) -> ConversationEvent:
    """Tell members that somebody joined, left or changed; in a channel `only` those who may see it."""
    return ConversationEvent(
        conversation_id=conversation.pk,
        members_version=conversation.members_version,
        event=event,
        data=payload,
        only=only,
    )

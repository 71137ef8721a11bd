"""Pins: what a conversation keeps in sight."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations import policies
from conversations.models import Conversation
from conversations.policies import Capability
from conversations.services.announcements import announce
from messaging.errors import MessageNotFoundError, StrangerLimitError
from messaging.models import Message
from messaging.services.changing import LockedMessage, announce_change, locked_message, standing_message


@transaction.atomic
def pin_message(*, actor_id: str, conversation_id: str, message_id: str) -> dict[str, Any]:
    """Pin a message for all, say so in a SYSTEM message, and return the Message; what is pinned stays as it is.

    Raises: ConversationNotFoundError, MessageNotFoundError also for a tombstone, NotAllowedError,
    ConversationArchivedError, StrangerLimitError, UnavailableError.
    """
    locked = _judged(actor_id, conversation_id, message_id)
    if locked.message.pinned_at is not None:
        return standing_message(locked)
    conversation = Conversation.objects.get(pk=conversation_id)
    # The line that tells of it is one more message to somebody who has not answered.
    if policies.is_stranger(locked.membership) and conversation.last_seq >= policies.STRANGER_MESSAGES:
        raise StrangerLimitError
    _rows(locked).update(pinned_at=timezone.now(), pinned_by=actor_id)
    payload = announce_change(locked)
    announce(conversation, actor_id=actor_id, event="message.pinned", message_id=message_id)
    return payload


@transaction.atomic
def unpin_message(*, actor_id: str, conversation_id: str, message_id: str) -> dict[str, Any]:
    """Take a message's pin away, and return the Message; what is not pinned stays as it is.

    Raises what `pin_message` does.
    """
    locked = _judged(actor_id, conversation_id, message_id)
    if locked.message.pinned_at is None:
        return standing_message(locked)
    _rows(locked).update(pinned_at=None, pinned_by=None)
    return announce_change(locked)


def _judged(actor_id: str, conversation_id: str, message_id: str) -> LockedMessage:
    locked = locked_message(viewer_id=actor_id, conversation_id=conversation_id, message_id=message_id)
    if locked.message.is_gone:
        raise MessageNotFoundError
    policies.require_may_annotate(locked.membership, Capability.PIN_MESSAGES)
    return locked


def _rows(locked: LockedMessage) -> Any:
    return Message.objects.filter(conversation_id=locked.message.conversation_id, id=locked.message.id)

"""Editing: a sender's second thoughts, within a window; the texts before are kept."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chat_project.core.errors import NotAllowedError
from conversations import policies
from messaging.drafts import checked_text
from messaging.enums import MessageType
from messaging.errors import EditWindowPassedError, EncryptedMessageError, MessageNotFoundError
from messaging.formatting import marks_in
from messaging.models import Message, MessageEdit
from messaging.models.messages import MEDIA_TYPES
from messaging.search_text import search_vector
from messaging.services.changing import LockedMessage, announce_change, locked_message, standing_message
from messaging.services.mentions import Named, bind_names, set_mentions, tell_counted


@transaction.atomic
def edit_message(*, editor_id: str, conversation_id: str, message_id: str, content: str) -> dict[str, Any]:
    """Replace the text of a message of one's own and tell the members; return the Message.

    The same text again changes nothing. When the message expires is not touched.

    Raises: ConversationNotFoundError, MessageNotFoundError also for a tombstone, NotAllowedError for who did not write
    it or may not send now, and for what was forwarded, ConversationArchivedError, EditWindowPassedError,
    EncryptedMessageError, InvalidError, UnavailableError.
    """
    locked = locked_message(viewer_id=editor_id, conversation_id=conversation_id, message_id=message_id)
    _require_may_edit(locked)
    text = checked_text(content, is_caption=locked.message.type in MEDIA_TYPES)
    if text == locked.message.content:
        return standing_message(locked)
    named = bind_names(locked.membership, text, marks_in(text), seq=locked.message.seq)
    _write(locked, text, named)
    mentioned = set_mentions(
        conversation_id=conversation_id,
        message_id=message_id,
        seq=locked.message.seq,
        sender_id=editor_id,
        named=named,
    )
    payload = announce_change(locked)
    tell_counted(conversation_id, mentioned)
    return payload


def _require_may_edit(locked: LockedMessage) -> None:
    message = locked.message
    if message.is_gone:
        raise MessageNotFoundError
    # A forward says what somebody else said.
    if (
        message.sender_id != locked.membership.user_id
        or message.type == MessageType.SYSTEM
        or message.forwarded_from is not None
    ):
        raise NotAllowedError
    policies.require_may_send(locked.membership, media=message.type in MEDIA_TYPES)
    if message.encryption is not None:
        raise EncryptedMessageError
    if timezone.now() - message.created_at > timedelta(seconds=settings.MESSAGE_EDIT_WINDOW_SECONDS):
        raise EditWindowPassedError


def _write(locked: LockedMessage, text: str, named: Named) -> None:
    """Write the new text, and the old one beside it."""
    message, moment = locked.message, timezone.now()
    MessageEdit.objects.create(
        conversation_id=message.conversation_id,
        message_id=message.id,
        edit_no=message.edit_count + 1,
        content=message.content,
        metadata={key: value for key, value in message.metadata.items() if key == "entities"},
        edited_by_id=locked.membership.user_id,
        edited_at=moment,
    )
    kept = {key: value for key, value in message.metadata.items() if key != "entities"}
    Message.objects.filter(conversation_id=message.conversation_id, id=message.id).update(
        content=text,
        metadata={**kept, **named.metadata},
        search=search_vector(text),
        edited_at=moment,
        edit_count=message.edit_count + 1,
    )

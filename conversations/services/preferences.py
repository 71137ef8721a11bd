"""What a conversation is to one member alone: mute, pin, archive, draft."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from chat_project.core.errors import InvalidError
from conversations.errors import ConversationNotFoundError
from conversations.models import ConversationMember
from conversations.models.members import DRAFT_MAX_LENGTH
from conversations.services.announcements import tell_own


@transaction.atomic
def update_preferences(*, member: User, conversation_id: str, changes: Mapping[str, Any]) -> None:
    """Change some of one's own `muted_until`, `is_pinned`, `is_archived` and `draft`, and tell one's devices.

    Raises ConversationNotFoundError; InvalidError for a draft that is too long.
    """
    if len(changes.get("draft", "")) > DRAFT_MAX_LENGTH:
        raise InvalidError.of("draft", f"Give at most {DRAFT_MAX_LENGTH} characters.")
    row = (
        ConversationMember.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=(conversation_id, member.pk), is_active=True)
        .first()
    )
    if row is None:
        raise ConversationNotFoundError
    changed = {field: value for field, value in changes.items() if value != getattr(row, field)}
    if not changed:
        return
    ConversationMember.objects.filter(pk=row.pk).update(**changed, updated_at=Now())
    tell_own(conversation_id, [member.pk])

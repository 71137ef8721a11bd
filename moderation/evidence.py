"""What was reported, as it stood: frozen into the report, and nothing more than the reporter saw."""

from typing import Any

from django.utils import timezone

from accounts.representations import person
from chat_project.core.api.renderers import rfc3339
from messaging.rows import MessageRow
from moderation.selectors.reportable import Reportable

_OF_A_PERSON = ("id", "username", "display_name", "bio", "avatar_url")
_OF_A_FILE = ("id", "file_name", "mime_type", "size", "width", "height", "duration")


def frozen(target: Reportable) -> dict[str, Any]:
    """Return the evidence of a report as JSON."""
    return {
        "frozen_at": rfc3339(timezone.now()),
        "person": _person(target),
        "conversation": _conversation(target),
        "messages": [_message(row, is_target=row.id == target.message_id) for row in target.messages],
    }


def _person(target: Reportable) -> dict[str, Any] | None:
    if target.person is None:
        return None
    seen = person(target.person)
    return {field: seen[field] for field in _OF_A_PERSON}


def _conversation(target: Reportable) -> dict[str, Any] | None:
    row = target.conversation
    if row is None:
        return None
    return {
        "id": row.pk,
        "type": row.type,
        "title": row.title,
        "description": row.description,
        "handle": row.handle,
        "owner_id": row.owner_id,
        "member_count": row.member_count,
    }


def _message(row: MessageRow, *, is_target: bool) -> dict[str, Any]:
    """Return a message; of ciphertext and tombstones, that they are such."""
    is_readable = not row.is_deleted and row.encryption is None
    sender = row.sender
    return {
        "id": row.id,
        "seq": row.seq,
        "is_target": is_target,
        "type": row.type,
        "sender": None
        if sender is None
        else {"id": sender.id, "username": sender.username, "display_name": sender.display_name},
        "content": row.content if is_readable else "",
        "metadata": row.metadata if is_readable else {},
        "is_deleted": row.is_deleted,
        "is_encrypted": row.encryption is not None,
        "is_forwarded": row.forwarded_from is not None,
        "edited_at": row.edited_at,
        "created_at": row.created_at,
        "attachments": []
        if row.is_deleted
        else [{field: file[field] for field in _OF_A_FILE} for file in row.attachments],
    }

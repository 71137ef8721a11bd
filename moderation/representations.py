"""Reports as the contract shows them: to who made them, without what moderators write."""

from typing import Any

from chat_project.core.api.renderers import rfc3339
from moderation.models import UserReport


def report(row: UserReport) -> dict[str, Any]:
    """Return a Report."""
    return {
        "id": row.pk,
        "target_type": row.target_type,
        "reported_user_id": row.reported_user_id,
        "conversation_id": row.conversation_id,
        "message_id": row.message_id,
        "reason": row.reason,
        "details": row.details,
        "status": row.status,
        "created_at": rfc3339(row.created_at),
    }

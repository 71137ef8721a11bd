"""Files as the contract shows them. No queries: everything was read before."""

from typing import Any

from attachments.models import Attachment
from chat_project.core.api.renderers import rfc3339


def attachment(row: Attachment) -> dict[str, Any]:
    """Return an Attachment."""
    address = f"/api/v1/conversations/{row.conversation_id}/attachments/{row.id}"
    return {
        "id": row.id,
        "conversation_id": row.conversation_id,
        "message_id": row.message_id,
        "file_name": row.file_name,
        "mime_type": row.mime_type,
        "size": row.size,
        "width": row.width,
        "height": row.height,
        "duration": row.duration,
        "placeholder": row.placeholder,
        "status": row.status,
        "created_at": rfc3339(row.created_at),
        "content_url": f"{address}/content",
        "thumbnail_url": f"{address}/thumbnail" if row.thumbnail_key else None,
    }

"""What of a person's lies with attachments: the files that they uploaded."""

from collections.abc import Iterator

from django.db.models import Q
from django.db.models.functions import Now

from attachments.enums import AttachmentStatus
from attachments.models import Attachment
from chat_project.core.exports import Row, Section, StoredFile, register


def _content(row: Row) -> Iterator[StoredFile]:
    if row["object_key"] and row["status"] == AttachmentStatus.READY:
        yield StoredFile(f"{row['id']}/{row['file_name']}", row["object_key"])


register(
    Section(
        name="attachments",
        rows=lambda user_id: (
            # Files go with their message, for whoever sent them too.
            Attachment.objects.filter(Q(message_id=None) | Q(message__is_deleted=False), uploader_id=user_id)
            .exclude(message__expires_at__lte=Now())
            .order_by("conversation_id", "id")
            .values(
                "conversation_id",
                "id",
                "message_id",
                "file_name",
                "mime_type",
                "size",
                "sha256",
                "status",
                "object_key",
                "created_at",
            )
        ),
        files=_content,
        hidden=frozenset({"object_key"}),
    )
)

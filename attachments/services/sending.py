"""Files on their way into a message."""

from collections.abc import Sequence

from django.db.models import Case, When

from attachments.enums import AttachmentStatus
from attachments.errors import AttachmentInvalidError
from attachments.models import Attachment

_SENDABLE = (AttachmentStatus.UPLOADED, AttachmentStatus.PROCESSING, AttachmentStatus.READY)


def types_of_uploads(*, uploader_id: str, conversation_id: str, attachment_ids: Sequence[str]) -> list[str]:
    """Return the MIME types of somebody's uploads to a conversation, sent or not. Raises AttachmentInvalidError."""
    rows = Attachment.objects.filter(
        conversation_id=conversation_id, id__in=attachment_ids, uploader_id=uploader_id
    ).values_list("mime_type", "status")
    if any(status == AttachmentStatus.INFECTED for _, status in rows):
        raise AttachmentInvalidError(infected=True)
    if len(rows) != len(attachment_ids):
        raise AttachmentInvalidError
    return [mime_type for mime_type, _ in rows]


def bind_uploads(*, uploader_id: str, conversation_id: str, message_id: str, attachment_ids: Sequence[str]) -> None:
    """Put somebody's uploads into a message, each once, in their order, in the transaction that appends it.

    Raises AttachmentInvalidError where one of them was sent, deleted or found bad in the meantime.
    """
    bound = Attachment.objects.filter(
        conversation_id=conversation_id,
        id__in=attachment_ids,
        uploader_id=uploader_id,
        message_id=None,
        status__in=_SENDABLE,
    ).update(
        message_id=message_id,
        position=Case(*(When(id=each, then=position) for position, each in enumerate(attachment_ids))),
    )
    if bound != len(attachment_ids):
        raise AttachmentInvalidError

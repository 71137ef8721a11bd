"""Reads of files: each judges who asks, at the moment of asking."""

from django.db.models import Q
from django.utils import timezone

from attachments import scanner
from attachments.enums import AttachmentStatus
from attachments.errors import AttachmentInfectedError, AttachmentNotFoundError, AttachmentNotReadyError
from attachments.models import Attachment
from conversations.selectors.memberships import get_membership


def get_attachment(*, viewer_id: str, conversation_id: str, attachment_id: str) -> Attachment:
    """Return a file of a message that the viewer sees, or an upload of theirs that is not sent yet.

    Raises ConversationNotFoundError, AttachmentNotFoundError.
    """
    membership = get_membership(viewer_id=viewer_id, conversation_id=conversation_id)
    seen = Q(message__is_deleted=False, message__seq__gte=membership.visible_from_seq) & (
        Q(message__expires_at=None) | Q(message__expires_at__gt=timezone.now())
    )
    row = (
        Attachment.objects.filter(conversation_id=conversation_id, id=attachment_id)
        .filter(seen | Q(message_id=None, uploader_id=viewer_id))
        .first()
    )
    if row is None:
        raise AttachmentNotFoundError
    return row


def get_ready_attachment(*, viewer_id: str, conversation_id: str, attachment_id: str) -> Attachment:
    """Return a file whose bytes may be given out.

    Raises what `get_attachment` does, AttachmentNotReadyError, AttachmentInfectedError.
    """
    row = get_attachment(viewer_id=viewer_id, conversation_id=conversation_id, attachment_id=attachment_id)
    if row.status == AttachmentStatus.INFECTED:
        raise AttachmentInfectedError
    # What came before there was a scanner waits for it too.
    if row.status != AttachmentStatus.READY or (scanner.is_configured() and not row.is_scanned):
        raise AttachmentNotReadyError
    return row

"""What staff do with files: have them scanned again, and delete what was found bad. Never what is in them."""

from django.db import transaction
from django.db.models.functions import Now

from accounts.discarding import discard_objects
from accounts.models import User
from attachments import scanner
from attachments.enums import AttachmentStatus
from attachments.errors import AttachmentNotFoundError, NothingToScanError, NotTakenAwayError, ScannerOffError
from attachments.models import Attachment
from attachments.services.queueing import process_on_commit, rescan_on_commit
from chat_project.core import audit
from chat_project.core.errors import NotAllowedError

RESCAN = "attachments.change_attachment"
DELETE = "attachments.delete_attachment"
TAKEN_AWAY = (AttachmentStatus.INFECTED, AttachmentStatus.FAILED)


@transaction.atomic
def rescan_as_staff(*, actor: User, conversation_id: str, attachment_id: str) -> None:
    """Have a file scanned again: of one that was taken away, every file of the same bytes, from the beginning.

    Raises NotAllowedError, AttachmentNotFoundError, ScannerOffError, NothingToScanError.
    """
    row = _found(actor, RESCAN, conversation_id, attachment_id)
    if not scanner.is_configured():
        raise ScannerOffError
    if row.status == AttachmentStatus.READY:
        rescan_on_commit(row)
    elif row.status in TAKEN_AWAY and row.removed_at is None:
        _begin_again(row)
    else:
        raise NothingToScanError
    audit.record(actor_id=actor.pk, action="attachment.rescan_asked", target=row)


@transaction.atomic
def delete_as_staff(*, actor: User, conversation_id: str, attachment_id: str) -> None:
    """Delete the bytes of a file that was taken away; that it was, stays to be seen.

    Raises NotAllowedError, AttachmentNotFoundError, NotTakenAwayError.
    """
    row = _found(actor, DELETE, conversation_id, attachment_id)
    mine = Attachment.objects.filter(conversation_id=conversation_id, id=attachment_id)
    if not mine.filter(status__in=TAKEN_AWAY, removed_at=None).update(removed_at=Now()):
        raise NotTakenAwayError
    discard_objects(row.object_key)
    audit.record(actor_id=actor.pk, action="attachment.bytes_deleted", target=row)


def _found(actor: User, right: str, conversation_id: str, attachment_id: str) -> Attachment:
    """Return a file, for who has the right."""
    if not actor.is_staff or not actor.has_perm(right):
        raise NotAllowedError
    row = Attachment.objects.filter(conversation_id=conversation_id, id=attachment_id).first()
    if row is None:
        raise AttachmentNotFoundError
    return row


def _begin_again(row: Attachment) -> None:
    """Send a file through the pipeline again, with all that were taken away for having its bytes.

    Left as they are, their verdict would reach it again.
    """
    same = Attachment.objects.filter(conversation_id=row.conversation_id, id=row.id)
    if row.status == AttachmentStatus.INFECTED and row.sha256:
        same |= Attachment.objects.filter(sha256=row.sha256, status=AttachmentStatus.INFECTED)
    rows = same.filter(status=row.status, removed_at=None).order_by("conversation_id", "id")
    locked = list(rows.select_for_update(of=("self",), no_key=True))
    if not locked:
        raise NothingToScanError
    for each in locked:
        Attachment.objects.filter(conversation_id=each.conversation_id, id=each.id).update(
            status=AttachmentStatus.UPLOADED,
            attempts=0,
            is_processed=False,
            is_scanned=False,
            scan_result="",
            error="",
            processed_at=None,
        )
        process_on_commit(each)

"""Reads of files: each judges who asks, at the moment of asking; what staff see is judged by the admin."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from accounts.models import User
from attachments import scanner
from attachments.enums import AttachmentStatus
from attachments.errors import AttachmentInfectedError, AttachmentNotFoundError, AttachmentNotReadyError
from attachments.models import Attachment
from attachments.models.attachments import UNFINISHED_STATUSES
from conversations.selectors.memberships import get_membership

STAFF_PAGE = 50
_SEEN_BY_STAFF = (
    *("conversation", "id", "message_id", "uploader", "mime_type", "size", "status"),
    *("is_scanned", "scan_result", "error", "created_at", "processed_at", "removed_at"),
)


class FileKind(StrEnum):
    """What staff list files by."""

    WAITING = "waiting"
    INFECTED = "infected"
    FAILED = "failed"
    UNSCANNED = "unscanned"
    READY = "ready"


_OF_KIND = {
    FileKind.WAITING: [Q(status=status) for status in UNFINISHED_STATUSES],
    FileKind.INFECTED: [Q(status=AttachmentStatus.INFECTED)],
    FileKind.FAILED: [Q(status=AttachmentStatus.FAILED)],
    FileKind.UNSCANNED: [Q(status=AttachmentStatus.READY, is_scanned=False)],
    FileKind.READY: [Q(status=AttachmentStatus.READY)],
}


@dataclass(frozen=True, slots=True)
class StaffPage:
    """Some files, the newest first, and the id that the next page begins before; empty on the last."""

    kind: FileKind
    rows: list[Attachment]
    before: str


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


def list_files_as_staff(*, kind: FileKind, username: str = "", before: str = "") -> StaffPage:
    """Return files of a kind, of everybody or of one person: how they stand, not what they are called.

    Two statements, each as fast however long the table is: every status is read along its own index.
    """
    rows = _as_staff().filter(uploader__username=username) if username else _as_staff()
    if before:
        rows = rows.filter(id__lt=before)
    first, *others = [rows.filter(condition).order_by("-id")[: STAFF_PAGE + 1] for condition in _OF_KIND[kind]]
    found = list(first.union(*others, all=True).order_by("-id")[: STAFF_PAGE + 1] if others else first)
    prefetch_related_objects(found, Prefetch("uploader", User.objects.only("username")))
    return StaffPage(kind, found[:STAFF_PAGE], found[STAFF_PAGE - 1].id if len(found) > STAFF_PAGE else "")


def get_file_as_staff(*, conversation_id: str, attachment_id: str) -> Attachment | None:
    """Return a file as staff see it. One statement."""
    rows = _as_staff().select_related("uploader").only(*_SEEN_BY_STAFF, "uploader__username")
    return rows.filter(conversation_id=conversation_id, id=attachment_id).first()


def _as_staff() -> QuerySet[Attachment]:
    return Attachment.objects.only(*_SEEN_BY_STAFF)

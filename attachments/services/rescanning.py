"""Scanning again what is served: what was taken while there was no scanner, and what a moderator asks for."""

from django.core.files.storage import default_storage

from attachments import scanner
from attachments.enums import AttachmentStatus
from attachments.errors import UnscannableError
from attachments.models import Attachment
from attachments.services.quarantine import condemn, settle
from attachments.services.queueing import SWEEP_SECONDS, enqueue

SWEPT = 100


def rescan(*, conversation_id: str, attachment_id: str) -> None:
    """Scan a file that is served. Clean, it stays as it is; else nobody gets it any more, and who saw it is told.

    Raises ScannerUnavailableError.
    """
    mine = Attachment.objects.filter(conversation_id=conversation_id, id=attachment_id, status=AttachmentStatus.READY)
    row = mine.first()
    if row is None or not scanner.is_configured():
        return
    try:
        with default_storage.open(row.object_key) as file:
            virus = scanner.find_virus(file)
    except FileNotFoundError:
        settle(row, {"status": AttachmentStatus.FAILED, "error": "The file is gone."})
    except UnscannableError:
        settle(row, {"status": AttachmentStatus.FAILED, "error": "The scanner takes no file of this size."})
    else:
        if virus is not None:
            condemn(row, scan_result=virus[:255])
        else:
            mine.filter(object_key=row.object_key).update(is_scanned=True)


def enqueue_unscanned() -> int:
    """Have files scanned that were taken while there was no scanner, the newest first. Return how many."""
    if not scanner.answers():
        return 0
    rows = Attachment.objects.filter(status=AttachmentStatus.READY, is_scanned=False).order_by("-id")
    keys = list(rows.values_list("conversation_id", "id")[:SWEPT])
    for key in keys:
        enqueue("rescan_attachment", *key, expires=SWEEP_SECONDS)
    return len(keys)

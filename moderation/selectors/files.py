"""Files as staff see them."""

from dataclasses import dataclass

from attachments.models import Attachment
from attachments.models.attachments import UNFINISHED_STATUSES
from moderation.models import DailyFigures

SHOWN = 100
_SEEN = ("id", "conversation", "uploader", "mime_type", "size", "status", "scan_result", "error", "created_at")


@dataclass(frozen=True, slots=True)
class Files:
    """Some files, and the figures of all as they were counted last."""

    rows: list[Attachment]
    figures: DailyFigures | None


def find_files(*, username: str = "") -> Files:
    """Return the newest files of somebody, or what waits for the pipeline where nobody is named. Two statements."""
    rows = Attachment.objects.only(*_SEEN, "uploader__username").select_related("uploader")
    rows = rows.filter(uploader__username=username) if username else rows.filter(status__in=UNFINISHED_STATUSES)
    return Files(rows=list(rows.order_by("-id")[:SHOWN]), figures=DailyFigures.objects.order_by("-day").first())

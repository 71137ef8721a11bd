"""Reports, as who made them sees them."""

from dataclasses import dataclass

from accounts.models import User
from chat_project.core.api.pagination import read_cursor, write_cursor
from moderation.models import UserReport

CURSOR_KIND = "reports"


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A page of reports, and the cursor to the next."""

    results: list[UserReport]
    next: str | None


def list_own_reports(*, viewer: User, limit: int, cursor: str | None = None) -> ReportPage:
    """Return a page of the viewer's reports, the newest first. One statement. Raises InvalidError for a bad cursor."""
    rows = UserReport.objects.filter(reporter_id=viewer.pk).defer("evidence")
    if cursor is not None:
        rows = rows.filter(pk__lt=read_cursor(cursor, kind=CURSOR_KIND, viewer_id=viewer.pk)["id"])
    found = list(rows.order_by("-pk")[: limit + 1])
    following = None
    if len(found) > limit:
        following = write_cursor(kind=CURSOR_KIND, viewer_id=viewer.pk, position={"id": found[limit - 1].pk})
    return ReportPage(found[:limit], following)

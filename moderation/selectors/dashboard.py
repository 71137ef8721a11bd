"""The dashboard of the admin: a fixed number of small reads. What would have to be counted was counted by the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from moderation.charts import Chart
from moderation.enums import ReportReason, ReportStatus
from moderation.models import AuditSeal, DailyFigures, UserReport
from moderation.models.reports import OPEN_STATUSES

DAYS = 30


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What waits, what the last days brought, and how much stands."""

    waiting: int
    under_review: int
    by_reason: list[tuple[str, str, int]]
    charts: list[Chart]
    latest: DailyFigures | None
    last_seal: AuditSeal | None


def get_dashboard() -> Dashboard:
    """Return the dashboard. Three statements."""
    counts = list(
        UserReport.objects.filter(status__in=OPEN_STATUSES)
        .values_list("status", "reason")
        .annotate(number=Count("id"))
        .order_by("-number", "reason")
    )
    by_reason: dict[str, int] = {}
    for _status, reason, number in counts:
        by_reason[reason] = by_reason.get(reason, 0) + number
    today = timezone.now().date()
    rows = list(DailyFigures.objects.filter(day__gte=today - timedelta(days=DAYS)).order_by("day"))
    return Dashboard(
        waiting=sum(number for status, _, number in counts if status == ReportStatus.PENDING),
        under_review=sum(number for status, _, number in counts if status == ReportStatus.UNDER_REVIEW),
        by_reason=[(reason, ReportReason(reason).label, number) for reason, number in by_reason.items()],
        charts=_charts(rows, today),
        latest=rows[-1] if rows else None,
        last_seal=AuditSeal.objects.defer("row_macs").order_by("-last_id").first(),
    )


def _charts(rows: Sequence[DailyFigures], today: date) -> list[Chart]:
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    by_day = {row.day: row for row in rows}
    return [
        Chart.of(_("Messages a day"), [(day, _sent(by_day, day)) for day in days]),
        Chart.of(_("Sign-ups a day"), [(day, by_day[day].sign_ups if day in by_day else 0) for day in days]),
        Chart.of(_("Reports a day"), [(day, by_day[day].reports if day in by_day else 0) for day in days]),
    ]


def _sent(by_day: dict[date, DailyFigures], day: date) -> int:
    """Return a day's messages: the growth since the day before. What was deleted meanwhile does not count below."""
    before = by_day.get(day - timedelta(days=1))
    if day not in by_day or before is None:
        return 0
    return max(0, by_day[day].messages_total - before.messages_total)

"""The figures of a day, counted by the clock: reads of whole tables, which no page may make."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Model, Q, Sum
from django.db.models.functions import Now, TruncDate
from django.utils import timezone

from accounts.models import User
from attachments.enums import AttachmentStatus
from attachments.models import Attachment
from chat_project.core.db.cuid import cuid_floor
from conversations.models import Conversation
from messaging.models import Message
from moderation.models import DailyFigures, UserReport

# So far back the first count goes.
PAST_DAYS = 30

_FILES: Mapping[str, Any] = {
    "files": Count("object_key"),
    "file_bytes": Sum("size", default=0),
    "files_infected": Count("object_key", filter=Q(status=AttachmentStatus.INFECTED)),
    "files_failed": Count("object_key", filter=Q(status=AttachmentStatus.FAILED)),
}


def count_day(*, day: date | None = None) -> DailyFigures:
    """Count a day, today where none is given, and keep it; again replaces what was counted. Five statements."""
    day = day or timezone.now().date()
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    of_the_day = {"id__gte": cuid_floor(begin), "id__lt": cuid_floor(begin + timedelta(days=1))}
    row, _ = DailyFigures.objects.update_or_create(
        day=day,
        defaults={
            **Attachment.objects.aggregate(**_FILES),
            "messages_total": _messages_total(),
            "sign_ups": User.objects.filter(**of_the_day).count(),
            "reports": UserReport.objects.filter(**of_the_day).count(),
            "counted_at": Now(),
        },
    )
    return row


def count_past_days() -> None:
    """Count the days before the first count, by what is left of them: else a new dashboard's charts are empty.

    It reads all messages, and so does nothing where a day before today was counted.
    """
    today = timezone.now().date()
    if DailyFigures.objects.filter(day__lt=today).exists():
        return
    first = today - timedelta(days=PAST_DAYS)
    sent, sign_ups, reports = (_rows_by_day(model, first) for model in (Message, User, UserReport))
    files: list[Any] = list(
        Attachment.objects.values(day=TruncDate("created_at", tzinfo=UTC)).annotate(**_FILES).order_by()
    )
    total = _messages_total()
    rows = []
    for back in range(1, PAST_DAYS + 1):
        day = today - timedelta(days=back)
        total = max(0, total - sent.get(day + timedelta(days=1), 0))
        standing = {name: sum(row[name] for row in files if row["day"] <= day) for name in _FILES}
        rows.append(
            DailyFigures(
                day=day,
                messages_total=total,
                sign_ups=sign_ups.get(day, 0),
                reports=reports.get(day, 0),
                **standing,
            )
        )
    DailyFigures.objects.bulk_create(rows, ignore_conflicts=True)


def _messages_total() -> int:
    total: int = Conversation.objects.aggregate(total=Sum("last_seq", default=0))["total"]
    return total


def _rows_by_day(model: type[Model], first: date) -> dict[date, int]:
    """Return how many rows each day brought, from one on."""
    rows = model._default_manager.filter(created_at__date__gte=first)
    return dict(rows.values_list(TruncDate("created_at", tzinfo=UTC)).annotate(Count("id")).order_by())

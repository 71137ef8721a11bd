"""The figures of a day, counted by the clock: reads of whole tables, which no page may make."""

from datetime import UTC, date, datetime, timedelta

from django.db.models import Count, Q, Sum
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from attachments.enums import AttachmentStatus
from attachments.models import Attachment
from chat_project.core.db.cuid import cuid_floor
from conversations.models import Conversation
from moderation.models import DailyFigures, UserReport


def count_day(*, day: date | None = None) -> DailyFigures:
    """Count a day, today where none is given, and keep it; again replaces what was counted. Four statements."""
    day = day or timezone.now().date()
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    of_the_day = {"id__gte": cuid_floor(begin), "id__lt": cuid_floor(begin + timedelta(days=1))}
    files = Attachment.objects.aggregate(
        files=Count("object_key"),
        file_bytes=Sum("size", default=0),
        files_infected=Count("object_key", filter=Q(status=AttachmentStatus.INFECTED)),
        files_failed=Count("object_key", filter=Q(status=AttachmentStatus.FAILED)),
    )
    row, _ = DailyFigures.objects.update_or_create(
        day=day,
        defaults={
            **files,
            "messages_total": Conversation.objects.aggregate(total=Sum("last_seq", default=0))["total"],
            "sign_ups": User.objects.filter(**of_the_day).count(),
            "reports": UserReport.objects.filter(**of_the_day).count(),
            "counted_at": Now(),
        },
    )
    return row

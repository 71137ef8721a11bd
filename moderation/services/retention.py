"""Closed reports, and months of the audit log."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from chat_project.core import audit
from chat_project.core.db.cuid import cuid_floor
from chat_project.core.retention import Key
from moderation.enums import ReportStatus
from moderation.models import AuditLog, AuditSeal, UserReport
from moderation.services.evidence_files import discard_evidence

_MONTHS = """
    SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'audit_logs'::regclass ORDER BY relname
"""
_MONTH = re.compile(r"audit_logs_(\d{4})_(\d{2})")


def find_closed_reports(before: datetime, after: Key | None, limit: int) -> Sequence[Key]:
    """Return reports that were closed before a moment."""
    closed = (ReportStatus.RESOLVED, ReportStatus.DISMISSED)
    rows = UserReport.objects.filter(status__in=closed, reviewed_at__lt=before)
    if after is not None:
        rows = rows.filter(id__gt=after[0])
    return list(rows.order_by("id").values_list("id")[:limit])


def drop_reports(keys: Sequence[Key]) -> int:
    """Delete reports with their evidence; what moderators did stays in people's records. Return how many."""
    report_ids = [key[0] for key in keys]
    discard_evidence(report_ids)
    return UserReport.objects.filter(id__in=report_ids).delete()[0]


def list_due_months() -> list[str]:
    """Return the audit log's months that ended AUDIT_RETENTION_DAYS ago, and are sealed, as YYYY-MM, oldest first."""
    if settings.AUDIT_RETENTION_DAYS <= 0:
        return []
    horizon = cuid_floor(timezone.now() - timedelta(days=settings.AUDIT_RETENTION_DAYS))
    last_seal = AuditSeal.objects.order_by("-last_id").values_list("last_id", flat=True).first() or ""
    due = []
    for month in _months():
        begin, end = _bounds(month)
        if end > horizon:
            break
        if AuditLog.objects.filter(id__gte=max(begin, last_seal), id__lt=end).exclude(id=last_seal).exists():
            # What was never sealed could be dropped without a trace.
            break
        due.append(month)
    return due


@transaction.atomic
def drop_audit_month(*, month: str) -> int:
    """Drop one month of the audit log, and record that in the log; return how many rows it had.

    The connection speaks as the tables' owner. Raises ProgrammingError where it does not.
    """
    begin, end = _bounds(month)
    rows = AuditLog.objects.filter(id__gte=begin, id__lt=end).count()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE {}".format(connection.ops.quote_name(f"audit_logs_{month.replace('-', '_')}")))
    audit.record(actor_id=None, action="audit.month_dropped", month=month, rows=rows)
    return rows


def _months() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS)
        found = [_MONTH.fullmatch(name) for (name,) in cursor.fetchall()]
    return [f"{match[1]}-{match[2]}" for match in found if match]


def _bounds(month: str) -> tuple[str, str]:
    """Return the first id of a month, and that of the next."""
    begin = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    return cuid_floor(begin), cuid_floor((begin + timedelta(days=32)).replace(day=1))

"""Months of the audit log that are past their time."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from chat_project.core.db.cuid import cuid_floor
from moderation.models import AuditLog
from moderation.services import verify_audit_log
from moderation.services.retention import drop_audit_month, list_due_months


@pytest.mark.django_db
def test_old_months_of_the_audit_log_go_where_they_are_sealed_and_that_is_recorded(settings):
    oldest = sorted(_partitions())[0]
    settings.AUDIT_RETENTION_DAYS = 1
    month = oldest.removeprefix("audit_logs_").replace("_", "-")
    assert list_due_months() == [month]
    said = StringIO()
    call_command("apply_retention", "--policy", "audit", "--dry-run", stdout=said)
    assert month in said.getvalue()
    assert oldest in _partitions()
    rows = drop_audit_month(month=month)
    assert oldest not in _partitions()
    recorded = AuditLog.objects.get(action="audit.month_dropped")
    assert recorded.details == {"month": month, "rows": rows}
    assert verify_audit_log().broken is None


@pytest.mark.django_db
def test_a_month_with_rows_that_no_seal_covers_stays(settings):
    settings.AUDIT_RETENTION_DAYS = 1
    month = sorted(_partitions())[0].removeprefix("audit_logs_").replace("_", "-")
    begin = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    AuditLog.objects.create(id=cuid_floor(begin + timedelta(days=2)).ljust(25, "0"), action="account.updated")
    assert list_due_months() == []


def _partitions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
            "WHERE inhparent = 'audit_logs'::regclass"
        )
        return {name for (name,) in cursor.fetchall()}

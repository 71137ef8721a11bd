"""What moderators read of reports and of people's records."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from moderation.enums import ReportStatus, ReportTarget
from moderation.models import ModerationAction, ReportFile, UserReport
from moderation.models.reports import OPEN_STATUSES

# A record shows so much of each kind, the newest first.
SHOWN = 50
# Closed reports are counted so far.
COUNTED = 1000
# What a report is about, by its kind: who is answerable for it may have changed since.
_TARGETS = {
    ReportTarget.USER: ("reported_user_id",),
    ReportTarget.CONVERSATION: ("conversation_id",),
    ReportTarget.MESSAGE: ("conversation_id", "message_id"),
}

_COUNTS = """
    SELECT wanted.status::text, (
        SELECT count(*) FROM (
            SELECT FROM user_reports WHERE status = wanted.status LIMIT %s
        ) AS counted
    )
    FROM unnest(enum_range(NULL::report_status)) AS wanted (status)
"""


@dataclass(frozen=True, slots=True)
class Record:
    """What stands against a person: reports of them, and what moderators did."""

    user: User
    reports: list[UserReport]
    actions: list[ModerationAction]


def count_by_status() -> dict[str, str]:
    """Return how many reports there are in each status, "1000+" from COUNTED on. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [COUNTED])
        counts = dict(cursor.fetchall())
    return {
        status: f"{COUNTED}+" if counts[status] >= COUNTED else str(counts[status]) for status in ReportStatus.values
    }


def readable_by(viewer: User) -> QuerySet[UserReport]:
    """Return the reports that one of the staff may read: all but those of themselves, which name who reported."""
    return UserReport.objects.exclude(reported_user_id=viewer.pk)


def get_record(user: User, *, viewer: User) -> Record:
    """Return somebody's record. Two statements."""
    reports = readable_by(viewer).filter(reported_user=user).defer("evidence").select_related("reviewer")
    actions = ModerationAction.objects.filter(subject=user).exclude(kind__in=("TAKE_UP", "TAKE_OVER"))
    return Record(
        user=user,
        reports=list(reports.order_by("-pk")[:SHOWN]),
        actions=list(actions.select_related("actor").order_by("-pk")[:SHOWN]),
    )


def list_history(report: UserReport) -> list[ModerationAction]:
    """Return what was done about a report, in its order. One statement."""
    return list(ModerationAction.objects.filter(report=report).select_related("actor", "subject").order_by("pk"))


def list_same_target(report: UserReport) -> list[UserReport]:
    """Return other open reports of the same; none where that is gone. One statement at most."""
    target = {field: getattr(report, field) for field in _TARGETS[ReportTarget(report.target_type)]}
    if None in target.values():
        return []
    others = UserReport.objects.filter(status__in=OPEN_STATUSES, target_type=report.target_type).exclude(pk=report.pk)
    return list(others.filter(**target).defer("evidence").order_by("pk")[:SHOWN])


def with_files(report: UserReport) -> dict[str, Any]:
    """Return a report's evidence in which each file has the copy that was made of it as `kept`. One statement."""
    kept = {file.attachment_id: file for file in ReportFile.objects.filter(report=report)}
    messages = [
        {**message, "attachments": [{**file, "kept": kept.get(file["id"])} for file in message["attachments"]]}
        for message in report.evidence.get("messages", ())
    ]
    return {**report.evidence, "messages": messages}

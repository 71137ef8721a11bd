"""Reporting: somebody tells the moderators of what they saw, and what they saw is frozen."""

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.names import clean_text
from chat_project.core import audit
from chat_project.core.errors import InvalidError
from chat_project.core.limits import hit
from moderation.enums import ReportReason, ReportTarget
from moderation.errors import AlreadyReportedError
from moderation.evidence import frozen
from moderation.models import UserReport
from moderation.selectors.reportable import (
    Reportable,
    reportable_conversation,
    reportable_message,
    reportable_person,
)
from moderation.services.evidence_files import copy_evidence, drop_copies, keep_evidence

DETAILS_MAX_LENGTH = 2000
DAY_SECONDS = 86_400


def report_person(*, reporter: User, user_id: str, reason: str, details: str = "") -> UserReport:
    """Report a person. Raises PersonNotFoundError, and what `_file` raises."""
    target = reportable_person(viewer=reporter, user_id=user_id)
    return _file(reporter, ReportTarget.USER, target, reason=reason, details=details, field="user_id")


def report_conversation(*, reporter: User, conversation_id: str, reason: str, details: str = "") -> UserReport:
    """Report a conversation that one is in or may find. Raises ConversationNotFoundError, and what `_file` raises."""
    target = reportable_conversation(viewer=reporter, conversation_id=conversation_id)
    return _file(reporter, ReportTarget.CONVERSATION, target, reason=reason, details=details, field="conversation_id")


def report_message(
    *, reporter: User, conversation_id: str, message_id: str, reason: str, details: str = ""
) -> UserReport:
    """Report a message, with what stands around it.

    Raises ConversationNotFoundError, MessageNotFoundError, and what `_file` raises.
    """
    target = reportable_message(viewer=reporter, conversation_id=conversation_id, message_id=message_id)
    return _file(reporter, ReportTarget.MESSAGE, target, reason=reason, details=details, field="message_id")


def _file(
    reporter: User, kind: ReportTarget, target: Reportable, *, reason: str, details: str, field: str
) -> UserReport:
    """Keep a report with its evidence.

    Raises: InvalidError for what is one's own and for bad words, AlreadyReportedError, TooManyRequestsError.
    """
    if target.reported_user_id == reporter.pk:
        raise InvalidError.of(field, "This is your own.")
    if reason not in ReportReason.values:
        raise InvalidError.of("reason", f"Give one of {', '.join(ReportReason.values)}.")
    text = clean_text(details)
    if len(text) > DETAILS_MAX_LENGTH:
        raise InvalidError.of("details", f"Give at most {DETAILS_MAX_LENGTH} characters.")
    hit(f"reports:{reporter.pk}", limit=settings.REPORTS_PER_DAY, seconds=DAY_SECONDS)
    row = UserReport(
        reporter_id=reporter.pk,
        target_type=kind,
        reported_user_id=target.reported_user_id,
        conversation=target.conversation,
        message_id=target.message_id,
        reason=reason,
        details=text,
        evidence=frozen(target),
    )
    files = copy_evidence(target)
    try:
        with transaction.atomic():
            _insert(row)
            keep_evidence(row, files)
            audit.record(actor_id=reporter.pk, action="report.filed", target=row, target_type=kind.value, reason=reason)
    except AlreadyReportedError:
        drop_copies(files)
        raise
    row.refresh_from_db()
    return row


def _insert(row: UserReport) -> None:
    """Insert a report. Raises AlreadyReportedError where the table's keys say that one is open."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "user_reports_open_" not in str(error):
            raise
        raise AlreadyReportedError from None

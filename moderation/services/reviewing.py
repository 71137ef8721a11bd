"""A report's way: taken up by one moderator, acted upon, and resolved or dismissed."""

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from chat_project.core import audit
from chat_project.core.errors import InvalidError, NotAllowedError
from conversations.models import Conversation
from moderation.enums import ActionKind, ReportStatus
from moderation.errors import ReportNotFoundError, ReportTransitionError
from moderation.models import ModerationAction, UserReport
from moderation.policies import require_above
from moderation.selectors.queue import readable_by
from moderation.selectors.staff import get_rank
from moderation.services.decisions import Decision, checked_note
from moderation.services.measures import carry_out

REVIEW = "moderation.change_userreport"
READ = "moderation.view_userreport"

_DISMISSED = (ReportStatus.DISMISSED, "report.dismissed")
_RESOLVED = (ReportStatus.RESOLVED, "report.resolved")
# What locks the reported person's account.
_OF_ACCOUNT = (ActionKind.SUSPEND, ActionKind.BAN)


@transaction.atomic
def open_evidence(*, actor: User, report_id: str) -> UserReport:
    """Return a report with its evidence, and keep that it was opened.

    Raises NotAllowedError, ReportNotFoundError, also for a report of the actor: it names who reported.
    """
    _require_right(actor, READ)
    people = ("reporter", "reported_user", "reviewer", "conversation")
    report = readable_by(actor).select_related(*people).filter(pk=report_id).first()
    if report is None:
        raise ReportNotFoundError
    audit.record(actor_id=actor.pk, action="evidence.opened", target=report)
    return report


@transaction.atomic
def take_up(*, actor: User, report_id: str) -> UserReport:
    """Take up a report that waits: of several who try at once one gets it.

    Raises: NotAllowedError, ReportNotFoundError, StaffProtectedError, ReportTransitionError where it is taken.
    """
    report = _locked_for(actor, report_id)
    _move(report, was=ReportStatus.PENDING, to=ReportStatus.UNDER_REVIEW, reviewer_id=actor.pk)
    _note(report, actor, ActionKind.TAKE_UP, note="")
    audit.record(actor_id=actor.pk, action="report.taken_up", target=report)
    return report


@transaction.atomic
def take_over(*, actor: User, report_id: str, note: str) -> UserReport:
    """Take over a report that somebody else has under review; it stays under review.

    Raises: NotAllowedError, ReportNotFoundError, StaffProtectedError, ReportTransitionError, InvalidError.
    """
    errors: dict[str, list[str]] = {}
    text = checked_note(note, errors)
    if errors:
        raise InvalidError(errors=errors)
    report = _locked_for(actor, report_id)
    former_id = report.reviewer_id
    if report.status != ReportStatus.UNDER_REVIEW or former_id == actor.pk:
        raise ReportTransitionError
    _move(report, was=ReportStatus.UNDER_REVIEW, to=ReportStatus.UNDER_REVIEW, reviewer_id=actor.pk)
    _note(report, actor, ActionKind.TAKE_OVER, note=text)
    audit.record(actor_id=actor.pk, action="report.taken_over", target=report, former_id=former_id)
    return report


@transaction.atomic
def decide(*, actor: User, report_id: str, decision: Decision) -> UserReport:
    """Carry out what a moderator decides on the report that they have under review, and close it where it says so.

    Raises: NotAllowedError, ReportNotFoundError, StaffProtectedError, ReportTransitionError where somebody else has
    it or it is closed, and what the measure raises.
    """
    report = _locked_for(actor, report_id, with_person=decision.kind in _OF_ACCOUNT)
    if report.status != ReportStatus.UNDER_REVIEW or report.reviewer_id != actor.pk:
        raise ReportTransitionError
    carry_out(actor_id=actor.pk, report=report, decision=decision)
    _note(report, actor, decision.kind, note=decision.note, decision=decision)
    if decision.closes:
        status, action = _DISMISSED if decision.kind == ActionKind.DISMISS else _RESOLVED
        _move(
            report,
            was=ReportStatus.UNDER_REVIEW,
            to=status,
            resolution=decision.kind.value.lower(),
            resolution_note=decision.note,
        )
        audit.record(actor_id=actor.pk, action=action, target=report)
    return report


def _locked_for(actor: User, report_id: str, *, with_person: bool = False) -> UserReport:
    """Return a report under its lock, for who may act on it; `with_person` locks whom it is about too.

    People come before conversations, as where an account is closed or somebody is blocked, and conversations before
    reports: deleting a conversation changes its reports.
    """
    _require_right(actor, REVIEW)
    about = UserReport.objects.filter(pk=report_id).values_list("reported_user_id", "conversation_id").first()
    user_id, conversation_id = about or (None, None)
    if with_person:
        User.objects.select_for_update(of=("self",), no_key=True).filter(pk=user_id).first()
    Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk=conversation_id).first()
    report = UserReport.objects.select_for_update(of=("self",), no_key=True).filter(pk=report_id).first()
    if report is None:
        raise ReportNotFoundError
    require_above(get_rank(actor.pk), get_rank(report.reported_user_id))
    return report


def _require_right(actor: User, right: str) -> None:
    if not actor.is_staff or not actor.has_perm(right):
        raise NotAllowedError("You have no right to work on reports.")


def _move(report: UserReport, *, was: ReportStatus, to: ReportStatus, **fields: str) -> None:
    """Move a report from one state to another. Raises ReportTransitionError where it stands in no such state."""
    moved = UserReport.objects.filter(pk=report.pk, status=was).update(status=to, reviewed_at=Now(), **fields)
    if not moved:
        raise ReportTransitionError
    report.refresh_from_db(fields=["status", "reviewed_at", *fields])


def _note(
    report: UserReport, actor: User, kind: ActionKind, *, note: str, decision: Decision | None = None
) -> ModerationAction:
    return ModerationAction.objects.create(
        kind=kind,
        report=report,
        actor_id=actor.pk,
        subject_id=report.reported_user_id,
        conversation_id=report.conversation_id,
        message_id=report.message_id,
        note=note,
        told=decision.told if decision else "",
        until=decision.until if decision else None,
    )

"""The measures that moderators take against a person, a message or a membership; each calls the service whose it is."""

from accounts.mails import send_mail_later
from accounts.models import User
from accounts.services.suspension import REASON_MAX_LENGTH, suspend
from chat_project.core import audit
from chat_project.core.errors import ConflictError
from conversations.services.moderating import remove_as_moderator
from messaging.services.moderating import delete_as_moderator
from moderation.enums import ActionKind
from moderation.models import UserReport
from moderation.services.decisions import Decision


def carry_out(*, actor_id: str, report: UserReport, decision: Decision) -> None:
    """Do what a decision says, in the caller's transaction. Resolving and dismissing do nothing by themselves.

    Raises: ConflictError where what it is about is gone, and what the measure's own service raises.
    """
    match decision.kind:
        case ActionKind.WARN:
            _warn(actor_id, report, decision)
        case ActionKind.SUSPEND | ActionKind.BAN:
            suspend(
                user_id=_reported(report),
                until=decision.until,
                reason=decision.note[:REASON_MAX_LENGTH],
                actor_id=actor_id,
            )
        case ActionKind.DELETE_MESSAGE:
            conversation_id, message_id = _where(report), report.message_id
            if message_id is None:
                raise ConflictError("This report is about no message.")
            if not delete_as_moderator(actor_id=actor_id, conversation_id=conversation_id, message_id=message_id):
                raise ConflictError("This message is deleted already.")
        case ActionKind.REMOVE_MEMBER:
            remove_as_moderator(actor_id=actor_id, conversation_id=_where(report), user_id=_reported(report))


def _warn(actor_id: str, report: UserReport, decision: Decision) -> None:
    user_id = _reported(report)
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        raise ConflictError("This account is closed.")
    send_mail_later(kind="warning", user_id=user_id, context={"text": decision.told})
    audit.record(actor_id=actor_id, action="person.warned", target=User(pk=user_id), report_id=report.pk)


def _reported(report: UserReport) -> str:
    if report.reported_user_id is None:
        raise ConflictError("This account is gone.")
    return report.reported_user_id


def _where(report: UserReport) -> str:
    if report.conversation_id is None:
        raise ConflictError("This conversation is gone.")
    return report.conversation_id

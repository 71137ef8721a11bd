"""Suspensions: an account that nobody can use for a time, or until it is lifted."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.services.sessions import end_all_sessions
from chat_project.core import audit
from chat_project.core.errors import ConflictError, InvalidError

REASON_MAX_LENGTH = 500


@transaction.atomic
def suspend(*, user_id: str, until: datetime | None, reason: str, actor_id: str | None = None) -> None:
    """Suspend an account until a time, or until it is lifted: its sessions end, its sockets close, no sign-in works.

    Suspending somebody who is suspended replaces time and reason. `actor_id` is None for an operator's command.

    Raises: InvalidError of `until` or `reason`, ConflictError where the account is closed.
    """
    if until is not None and until <= timezone.now():
        raise InvalidError.of("until", "Give a time in the future.")
    if not 1 <= len(reason.strip()) <= REASON_MAX_LENGTH:
        raise InvalidError.of("reason", f"Give a reason of 1 to {REASON_MAX_LENGTH} characters.")
    _require_open(user_id)
    User.objects.filter(pk=user_id).update(
        is_suspended=True,
        suspended_until=until,
        suspension_reason=reason.strip(),
        auth_version=F("auth_version") + 1,
        updated_at=timezone.now(),
    )
    end_all_sessions(user_id=user_id, reason="account_suspended", actor_id=actor_id)
    ends = until and until.isoformat()
    audit.record(actor_id=actor_id, action="account.suspended", target=User(pk=user_id), until=ends)


@transaction.atomic
def lift_suspension(*, user_id: str, actor_id: str | None = None) -> bool:
    """Lift a suspension; tell whether there was one. Raises ConflictError where the account is closed."""
    _require_open(user_id)
    suspended = User.objects.filter(pk=user_id, is_suspended=True)
    if not suspended.update(is_suspended=False, suspended_until=None, suspension_reason="", updated_at=timezone.now()):
        return False
    audit.record(actor_id=actor_id, action="account.suspension_lifted", target=User(pk=user_id))
    return True


def _require_open(user_id: str) -> None:
    """Lock the account. Raises ConflictError where it is closed."""
    accounts = User.objects.select_for_update(of=("self",), no_key=True).filter(pk=user_id, is_active=True)
    if not accounts.exists():
        raise ConflictError("This account is closed.")

"""Lifting suspensions."""

from django.db import transaction

from accounts.models import User
from accounts.services.suspension import lift_suspension
from chat_project.core.errors import ConflictError, InvalidError, NotAllowedError
from moderation.enums import ActionKind
from moderation.models import ModerationAction
from moderation.policies import require_above
from moderation.selectors.staff import get_rank
from moderation.services.decisions import checked_note

RIGHT = "moderation.change_userreport"


@transaction.atomic
def lift_as_moderator(*, actor: User, user_id: str, note: str) -> None:
    """End somebody's suspension or ban, with a note that says why.

    Raises: NotAllowedError, StaffProtectedError, InvalidError of `note`, ConflictError where there is none.
    """
    if not actor.is_staff or not actor.has_perm(RIGHT):
        raise NotAllowedError
    errors: dict[str, list[str]] = {}
    text = checked_note(note, errors)
    if errors:
        raise InvalidError(errors=errors)
    require_above(get_rank(actor.pk), get_rank(user_id))
    if not lift_suspension(user_id=user_id, actor_id=actor.pk):
        raise ConflictError("This person is not suspended.")
    ModerationAction.objects.create(kind=ActionKind.LIFT_SUSPENSION, actor_id=actor.pk, subject_id=user_id, note=text)

"""Warnings, on the side of who got one."""

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from chat_project.core import audit
from moderation.enums import ActionKind
from moderation.errors import WarningNotFoundError
from moderation.models import ModerationAction


@transaction.atomic
def acknowledge_warning(*, person: User, warning_id: str) -> None:
    """Keep that somebody has read a warning of theirs; the first time counts. Raises WarningNotFoundError."""
    mine = ModerationAction.objects.filter(pk=warning_id, subject_id=person.pk, kind=ActionKind.WARN)
    if mine.filter(seen_at=None).update(seen_at=Now()):
        audit.record(actor_id=person.pk, action="warning.acknowledged", target=ModerationAction(pk=warning_id))
    elif not mine.exists():
        raise WarningNotFoundError

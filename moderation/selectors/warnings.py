"""Warnings that stand on a person's page until they say that they have read them."""

from moderation.enums import ActionKind
from moderation.models import ModerationAction


def get_standing_warning(*, user_id: str) -> ModerationAction | None:
    """Return the oldest warning that somebody has not read. One statement."""
    unread = ModerationAction.objects.filter(subject_id=user_id, kind=ActionKind.WARN, seen_at=None)
    return unread.only("id", "told", "created_at").order_by("id").first()

"""Sessions that ended long ago."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import UserSession
from chat_project.core.retention import Key


def find_sessions(before: datetime, after: Key | None, limit: int) -> Sequence[Key]:
    """Return sessions that expired before a moment."""
    rows = UserSession.objects.filter(expires_at__lt=before)
    if after is not None:
        rows = rows.filter(id__gt=after[0])
    return list(rows.order_by("id").values_list("id")[:limit])


def drop_sessions(keys: Sequence[Key]) -> int:
    """Delete sessions; their refresh tokens are unknown from now on, and no longer known as dead. Return how many."""
    return UserSession.objects.filter(id__in=[key[0] for key in keys]).delete()[0]

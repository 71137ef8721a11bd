"""Sessions: those by which somebody may act, and a person's devices."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User, UserSession
from chat_project.core.api.pagination import read_cursor, write_cursor

_KIND = "sessions"


@dataclass(frozen=True, slots=True)
class SessionPage:
    """A page of somebody's sessions, and the cursor to the next."""

    sessions: list[UserSession]
    next: str | None


def live_sessions() -> QuerySet[UserSession]:
    """Return the sessions by which somebody may act now.

    They have not ended nor expired, stand for the account's present `auth_version`, and their person is in good
    standing.
    """
    return UserSession.objects.filter(
        in_good_standing("user__"),
        auth_version=F("user__auth_version"),
        revoked_at=None,
        expires_at__gt=timezone.now(),
    )


def live_session_ids(session_ids: Collection[str]) -> set[str]:
    """Return those of the sessions that are alive, by one query, past the cache: open sockets are held against it."""
    return set(live_sessions().filter(id__in=session_ids).values_list("id", flat=True))


def list_sessions(*, viewer: User, limit: int, cursor: str | None = None) -> SessionPage:
    """Return a page of the viewer's live sessions, the newest first. Raises InvalidError for a bad cursor."""
    found = live_sessions().filter(user_id=viewer.id).order_by("-id")
    if cursor is not None:
        found = found.filter(id__lt=read_cursor(cursor, kind=_KIND, viewer_id=viewer.id)["id"])
    rows = list(found[: limit + 1])
    if len(rows) <= limit:
        return SessionPage(rows, None)
    position = {"id": rows[limit - 1].id}
    return SessionPage(rows[:limit], write_cursor(kind=_KIND, viewer_id=viewer.id, position=position))


def in_good_standing(prefix: str = "") -> Q:
    """Return the condition that a person's account is open and not suspended."""
    return Q(**{f"{prefix}is_active": True}) & (
        Q(**{f"{prefix}is_suspended": False}) | Q(**{f"{prefix}suspended_until__lte": timezone.now()})
    )

"""Who is calling: what every request, handshake and page asks first."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import F
from django.utils import timezone

from accounts import session_cache, tokens
from accounts.models import UserSession
from accounts.selectors.sessions import in_good_standing, live_sessions
from accounts.services.presence import note_seen
from accounts.session_cache import LiveSession, SessionEndedError

# Where a browser's Django session names the `user_sessions` row that it is tied to.
BROWSER_SESSION_ID = "user_session_id"

TOUCH_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who is signed in, and the session by which they are."""

    user_id: str
    session_id: str
    auth_version: int


def authenticate_access(token: str) -> Identity | None:
    """Return whose live session a bearer's access token belongs to; None where it is bad, expired or ended."""
    claims = tokens.read_access(token)
    if claims is None or claims.expires_at <= timezone.now().timestamp():
        return None
    session = _live_session(claims.session_id)
    # The version that the token carries is not compared: its session stands for the account's present one, or for
    # nobody, and who changed the password keeps the tokens of the session in which they did.
    if session is None or session.user_id != claims.user_id:
        return None
    return Identity(session.user_id, session.session_id, session.auth_version)


def authenticate_browser(session: SessionBase) -> Identity | None:
    """Return whose live session a browser's Django session is tied to; None where it is tied to none."""
    session_id = session.get(BROWSER_SESSION_ID)
    if session_id is None or session.session_key is None:
        return None
    live = _live_session(session_id)
    if live is None or live.browser_key != browser_key(session.session_key):
        return None
    if live.user_id != session.get(SESSION_KEY):
        return None
    return Identity(live.user_id, live.session_id, live.auth_version)


def end_of(session: SessionBase) -> str:
    """Return how a browser's session that stands for nobody any more ended: "expired" by itself, or "revoked".

    Who took part in it finds what they had not sent yet where it has expired, and nothing where it was ended.
    """
    rows = UserSession.objects.filter(
        in_good_standing("user__"), id=session.get(BROWSER_SESSION_ID), auth_version=F("user__auth_version")
    )
    has_expired = rows.filter(revoked_at=None, expires_at__lte=timezone.now()).exists()
    return "expired" if has_expired else "revoked"


def browser_key(session_key: str) -> str:
    """Return what the database keeps of a browser's session key."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def expiry_of(*, created_at: datetime, used_at: datetime) -> datetime:
    """Return when a session ends by itself: idle for SESSION_IDLE_DAYS, or SESSION_MAX_DAYS old."""
    idle = used_at + timedelta(days=settings.SESSION_IDLE_DAYS)
    return min(idle, created_at + timedelta(days=settings.SESSION_MAX_DAYS))


def _live_session(session_id: str) -> LiveSession | None:
    try:
        session = session_cache.find(session_id) or _loaded(session_id)
    except SessionEndedError:
        return None
    return session if session is not None and session.expires_at > timezone.now().timestamp() else None


def _loaded(session_id: str) -> LiveSession | None:
    row = (
        live_sessions()
        .filter(id=session_id)
        .values("user_id", "auth_version", "expires_at", "created_at", "last_used_at", "django_session_key")
        .first()
    )
    if row is None:
        return None
    session = LiveSession(
        session_id=session_id,
        user_id=row["user_id"],
        auth_version=row["auth_version"],
        expires_at=row["expires_at"].timestamp(),
        browser_key=row["django_session_key"],
    )
    session_cache.store(session)
    _touch(session_id, row)
    return session


def _touch(session_id: str, row: Mapping[str, Any]) -> None:
    """Note the use of a session and its person, at most once in TOUCH_EVERY: only a read past the cache comes here."""
    now = timezone.now()
    if now - row["last_used_at"] < TOUCH_EVERY:
        return
    UserSession.objects.filter(id=session_id, revoked_at=None).update(
        last_used_at=now, expires_at=expiry_of(created_at=row["created_at"], used_at=now)
    )
    note_seen([row["user_id"]])

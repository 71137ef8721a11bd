"""Pairs of tokens, and how one pair becomes the next."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import tokens
from accounts.errors import AccountSuspendedError, InvalidTokenError, RefreshTokenReusedError
from accounts.models import User, UserSession
from accounts.services.authentication import expiry_of
from accounts.services.credentials import is_suspended
from accounts.services.sessions import revoke_sessions
from accounts.tokens import AccessClaims, RefreshClaims
from chat_project.core import audit


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client holds of its session; `expires_in` are the access token's seconds."""

    access: str
    refresh: str
    expires_in: int


def pair_of(*, session: UserSession, auth_version: int) -> TokenPair:
    """Return the pair of a session's present rotation: the same texts as often as it is asked for."""
    issued_at = int(session.rotated_at.timestamp())
    expires_at = issued_at + settings.ACCESS_TOKEN_SECONDS
    return TokenPair(
        access=tokens.write_access(AccessClaims(session.id, session.user_id, auth_version, expires_at)),
        refresh=tokens.write_refresh(
            session_id=session.id, rotation=session.rotation, secret=bytes(session.token_secret)
        ),
        expires_in=max(0, expires_at - int(timezone.now().timestamp())),
    )


def refresh(*, token: str) -> TokenPair:
    """Return a new pair for a refresh token, which is dead from then on.

    The token rotated last gets that same new pair again for REFRESH_GRACE_SECONDS: the answer may have been lost, or
    two refreshes came at once. Any older one is in two hands, and ends the session. A forged one changes nothing.

    Raises: InvalidTokenError, RefreshTokenReusedError, AccountSuspendedError.
    """
    claims = tokens.read_refresh(token)
    if claims is None or not _is_genuine(claims):
        raise InvalidTokenError
    pair = _rotated(claims)
    # Outside of the transaction, which must commit the session's end.
    if pair is None:
        raise RefreshTokenReusedError
    return pair


def _is_genuine(claims: RefreshClaims) -> bool:
    secret = UserSession.objects.filter(id=claims.session_id).values_list("token_secret", flat=True).first()
    return secret is not None and claims.is_genuine(secret=bytes(secret))


@transaction.atomic
def _rotated(claims: RefreshClaims) -> TokenPair | None:
    """Return the pair that a genuine token gets, None for one that is reused."""
    sessions = UserSession.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    session = sessions.filter(id=claims.session_id).first()
    if session is None:
        raise InvalidTokenError
    now = timezone.now()
    is_last = claims.rotation == session.rotation - 1
    in_grace = is_last and now - session.rotated_at <= timedelta(seconds=settings.REFRESH_GRACE_SECONDS)
    if claims.rotation < session.rotation and not in_grace:
        revoke_sessions(UserSession.objects.filter(id=session.id), reason="token_reused")
        return None
    _require_standing(session, session.user)
    if not in_grace:
        _rotate(session)
    return pair_of(session=session, auth_version=session.user.auth_version)


def _require_standing(session: UserSession, user: User) -> None:
    has_ended = session.revoked_at is not None or session.expires_at <= timezone.now()
    if has_ended or session.auth_version != user.auth_version or not user.is_active:
        raise InvalidTokenError
    if is_suspended(user):
        raise AccountSuspendedError


def _rotate(session: UserSession) -> None:
    now = timezone.now()
    origin = audit.origin.get()
    session.rotation += 1
    session.rotated_at = session.last_used_at = now
    session.expires_at = expiry_of(created_at=session.created_at, used_at=now)
    session.ip_address, session.user_agent = origin.ip_address, origin.user_agent
    session.save(update_fields=["rotation", "rotated_at", "last_used_at", "expires_at", "ip_address", "user_agent"])

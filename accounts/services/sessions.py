"""Sessions of devices: begun by a sign-in, ended by their owner, by time, or for safety."""

import secrets
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import session_cache
from accounts.devices import Device
from accounts.errors import InvalidCredentialsError, SessionNotFoundError
from accounts.models import PushSubscription, User, UserSession
from accounts.models.sessions import TOKEN_SECRET_BYTES
from accounts.selectors.sessions import in_good_standing, live_sessions
from accounts.services.authentication import Identity, browser_key, expiry_of
from accounts.services.new_devices import is_new_device, tell_of_new_device
from accounts.services.presence import note_seen
from chat_project.core import audit
from chat_project.core.realtime.events import Event, PersonEvent, SessionsEnded
from chat_project.core.realtime.publish import publish_on_commit


@transaction.atomic
def start_session(*, user: User, device: Device, browser_session_key: str | None = None) -> UserSession:
    """Sign a device in; `browser_session_key` ties it to a browser's Django session.

    `user` is who was just verified, and hears by mail of a device that is new to the account. An account holds
    SESSIONS_PER_ACCOUNT sessions: the oldest make room.

    Raises: InvalidCredentialsError where the account was suspended, closed or given another password meanwhile.
    """
    now = timezone.now()
    # Under the account's lock, so that sign-ins at once don't each find room.
    accounts = User.objects.select_for_update(of=("self",), no_key=True).filter(in_good_standing(), pk=user.pk)
    if not accounts.filter(auth_version=user.auth_version).exists():
        raise InvalidCredentialsError
    is_new = is_new_device(user=user, device=device)
    _make_room(user.pk)
    origin = audit.origin.get()
    session = UserSession.objects.create(
        user_id=user.pk,
        device_name=device.name,
        platform=device.platform,
        ip_address=origin.ip_address,
        user_agent=origin.user_agent,
        token_secret=secrets.token_bytes(TOKEN_SECRET_BYTES),
        auth_version=user.auth_version,
        django_session_key=browser_key(browser_session_key) if browser_session_key else None,
        device_key=device.key,
        rotated_at=now,
        created_at=now,
        last_used_at=now,
        expires_at=expiry_of(created_at=now, used_at=now),
    )
    note_seen([user.pk])
    audit.record(actor_id=user.pk, action="session.started", target=session)
    if is_new:
        tell_of_new_device(session)
    return session


def end_session(*, user: User, session_id: str) -> None:
    """End one of a person's live sessions: its tokens fail and its sockets close at once.

    Raises: SessionNotFoundError.
    """
    if not revoke_sessions(live_sessions().filter(id=session_id, user_id=user.pk), reason="revoked"):
        raise SessionNotFoundError


def sign_out(*, identity: Identity) -> None:
    """End the session by which somebody is signed in. One that has just ended already is no error."""
    revoke_sessions(UserSession.objects.filter(id=identity.session_id), reason="signed_out")


def end_other_sessions(*, user: User, current_id: str) -> None:
    """End all of a person's sessions but the current one."""
    end_all_sessions(user_id=user.pk, reason="revoked", except_id=current_id)


def end_all_sessions(*, user_id: str, reason: str, except_id: str | None = None, actor_id: str | None = None) -> None:
    """End a person's sessions. `actor_id` is who wanted it, where it was not the person.

    Who raises `auth_version`, suspends or closes an account calls this in the same transaction.
    """
    sessions = UserSession.objects.filter(user_id=user_id, revoked_at=None).exclude(id=except_id)
    revoke_sessions(sessions, reason=reason, actor_id=actor_id)


@transaction.atomic
def revoke_sessions(sessions: QuerySet[UserSession], *, reason: str, actor_id: str | None = None) -> bool:
    """End those of `sessions` that have not ended, of one person or many; tell whether there were any."""
    rows = list(sessions.filter(revoked_at=None).select_for_update(of=("self",), no_key=True).order_by("id"))
    if not rows:
        return False
    ids = tuple(row.id for row in rows)
    UserSession.objects.filter(id__in=ids).update(revoked_at=timezone.now(), revoke_reason=reason)
    PushSubscription.objects.filter(session_id__in=ids).delete()
    for row in rows:
        audit.record(actor_id=actor_id or row.user_id, action="session.revoked", target=row, reason=reason)
    # Before anybody is told, and before the call answers.
    transaction.on_commit(partial(session_cache.bury, ids), robust=True)
    publish_on_commit(*_events(rows))
    return True


def _make_room(user_id: str) -> None:
    ids = list(live_sessions().filter(user_id=user_id).order_by("-id").values_list("id", flat=True))
    surplus = ids[settings.SESSIONS_PER_ACCOUNT - 1 :]
    if surplus:
        revoke_sessions(UserSession.objects.filter(id__in=surplus), reason="too_many")


def _events(rows: Iterable[UserSession]) -> Iterable[Event]:
    by_user: dict[str, list[str]] = {}
    for row in rows:
        by_user.setdefault(row.user_id, []).append(row.id)
    for user_id, ids in by_user.items():
        yield SessionsEnded(user_id=user_id, session_ids=tuple(ids))
        for session_id in ids:
            yield PersonEvent(user_id=user_id, event="session.revoked", data={"session_id": session_id})

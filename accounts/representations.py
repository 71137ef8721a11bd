"""People and sessions as clients see them. What privacy hides is null."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.utils import timezone

from accounts.avatars import avatar_version
from accounts.enums import ContactRequestStatus
from accounts.models import BlockedUser, ContactRequest, Passkey, User, UserSession
from accounts.policies import is_known, shows, shows_last_seen
from accounts.presence import online_ids
from accounts.privacy import default_privacy_settings
from accounts.selectors.people import Person
from accounts.selectors.second_factors import SecondFactors
from chat_project.core.api.renderers import rfc3339

CLOSED_NAME = "Deleted Account"

# What is said of when somebody was last seen, where the time itself is hidden.
_LAST_SEEN = (
    (timedelta(days=3), "recently"),
    (timedelta(days=7), "within_week"),
    (timedelta(days=30), "within_month"),
)
_LONG_AGO = "long_ago"
_EXACT = "exact"


class Named(Protocol):
    """What `author` must know of somebody."""

    @property
    def id(self) -> str: ...
    @property
    def username(self) -> str | None: ...
    @property
    def display_name(self) -> str: ...
    @property
    def avatar_key(self) -> str | None: ...
    @property
    def is_active(self) -> bool: ...


def author(user: Named) -> dict[str, Any]:
    """Return who wrote something, the same for every viewer; a closed account has no name."""
    if not user.is_active:
        return {"id": user.id, "username": None, "display_name": CLOSED_NAME, "avatar_url": None}
    return {
        "id": user.id,
        "username": user.username,
        "display_name": user.display_name,
        "avatar_url": avatar_url(user),
    }


def avatar_url(user: Named) -> str | None:
    """Return the address of somebody's picture, new with each picture; who may not see it finds nothing there."""
    if not user.avatar_key:
        return None
    return f"/api/v1/users/{user.id}/avatar?v={avatar_version(user.avatar_key)}"


def person(who: Person) -> dict[str, Any]:
    """Return a User as the viewer may see them. Whom they blocked see their names, and nothing else."""
    user = who.user
    shown = author(user) if shows(who, "profile_photo") else {**author(user), "avatar_url": None}
    return {
        **shown,
        "bio": user.bio if is_known(who) else None,
        "phone": user.phone if shows(who, "phone") else None,
        "email": user.email if shows(who, "email") else None,
        "is_bot": user.is_bot,
        "is_verified": user.is_verified,
        "is_contact": who.is_contact,
        "is_blocked": who.i_blocked,
        **_presence(who),
    }


def seen_by_others(at: datetime | None) -> str | None:
    """Return when somebody was last seen as others are told: to the minute."""
    return rfc3339(at.replace(second=0, microsecond=0)) if at else None


def me(user: User) -> dict[str, Any]:
    """Return oneself, hiding nothing."""
    return {
        **author(user),
        "bio": user.bio,
        "phone": user.phone,
        "email": user.email,
        "is_bot": user.is_bot,
        "is_verified": user.is_verified,
        "is_contact": False,
        "is_blocked": False,
        "online": user.id in online_ids([user.id]),
        "last_seen": _EXACT,
        "last_seen_at": rfc3339(user.last_seen_at) if user.last_seen_at else None,
        "is_active": user.is_active,
        "privacy_settings": privacy(user.privacy_settings),
        "created_at": rfc3339(user.created_at),
    }


def privacy(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return one's own privacy settings, whole: a key that was never set has its default."""
    return {**default_privacy_settings(), **settings}


def session(row: UserSession, *, current_id: str) -> dict[str, Any]:
    """Return a Session; `current` marks the one that asks."""
    return {
        "id": row.id,
        "device_name": row.device_name,
        "platform": row.platform,
        "ip_address": row.ip_address,
        "user_agent": row.user_agent,
        "created_at": rfc3339(row.created_at),
        "last_used_at": rfc3339(row.last_used_at),
        "expires_at": rfc3339(row.expires_at),
        "current": row.id == current_id,
    }


def second_factors(factors: SecondFactors) -> dict[str, Any]:
    """Return the second factors of one's own account."""
    return {
        "is_on": factors.is_on,
        "app_since": rfc3339(factors.app_since) if factors.app_since else None,
        "passkeys": [passkey(each) for each in factors.passkeys],
        "recovery_codes_left": factors.recovery_codes_left,
    }


def passkey(row: Passkey) -> dict[str, Any]:
    """Return a passkey of one's own."""
    return {
        "id": row.id,
        "name": row.name,
        "is_backed_up": row.is_backed_up,
        "created_at": rfc3339(row.created_at),
        "last_used_at": rfc3339(row.last_used_at) if row.last_used_at else None,
    }


def contact_request(row: ContactRequest, people: Mapping[str, Person], *, viewer_id: str) -> dict[str, Any]:
    """Return a ContactRequest as one of the two may see it: its sender never learns of a block."""
    is_hidden = row.status == ContactRequestStatus.BLOCKED and viewer_id == row.from_user_id
    answered = None if is_hidden else row.responded_at
    return {
        "id": row.id,
        "from_user": person(people[row.from_user_id]),
        "to_user": person(people[row.to_user_id]),
        "status": ContactRequestStatus.PENDING if is_hidden else row.status,
        "message": row.message,
        "created_at": rfc3339(row.created_at),
        "responded_at": rfc3339(answered) if answered else None,
    }


def block(row: BlockedUser, who: Person) -> dict[str, Any]:
    """Return a block, as who made it sees it."""
    return {"user": person(who), "reason": row.reason, "created_at": rfc3339(row.created_at)}


def _presence(who: Person) -> dict[str, Any]:
    if not shows_last_seen(who):
        return {"online": None, "last_seen": _last_seen_words(who), "last_seen_at": None}
    at = who.user.last_seen_at
    mine = who.viewer_id == who.user.id
    seen = rfc3339(at) if mine and at else seen_by_others(at)
    return {"online": who.online, "last_seen": _EXACT, "last_seen_at": seen}


def _last_seen_words(who: Person) -> str:
    if not is_known(who) or who.i_blocked or who.user.last_seen_at is None:
        return _LONG_AGO
    age = timezone.now() - who.user.last_seen_at
    return next((words for bound, words in _LAST_SEEN if age <= bound), _LONG_AGO)

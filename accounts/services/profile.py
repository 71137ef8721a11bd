"""What people say of themselves."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts import events, names
from accounts.enums import NameKind
from accounts.models import User
from accounts.services.checks import checked, require_untaken, taken_names_refused
from chat_project.core import audit
from chat_project.core.limits import hit
from chat_project.core.realtime.publish import publish_on_commit

# To be told that a name or a number is taken tells that somebody has it.
NAMES_AN_HOUR = 20
HOUR_SECONDS = 3600

# What others see of somebody wherever they write.
_SHOWN = frozenset({"username", "display_name"})
_UNIQUE = frozenset({"username", "phone"})


def update_me(*, user: User, changes: Mapping[str, Any]) -> User:
    """Change some of `username`, `display_name`, `bio` and `phone`; return the person as they now stand.

    A username given up stays closed to others for 90 days.

    Raises: InvalidError, which names the fields; TooManyRequestsError.
    """
    # Ahead of the transaction, which would take back what is counted without Redis.
    if any((changes[field] or None) != getattr(user, field) for field in _UNIQUE & changes.keys()):
        hit(f"names:{user.pk}", limit=NAMES_AN_HOUR, seconds=HOUR_SECONDS)
    with transaction.atomic():
        return _update(user, changes)


def _update(user: User, changes: Mapping[str, Any]) -> User:
    me = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    checks = {
        "username": lambda: _checked_username(me, changes["username"]),
        "display_name": lambda: names.checked_display_name(changes["display_name"]),
        "bio": lambda: names.checked_bio(changes["bio"]),
        "phone": lambda: names.checked_phone(changes["phone"] or ""),
    }
    values = checked(**{field: check for field, check in checks.items() if field in changes})
    changed = {field: value for field, value in values.items() if value != getattr(me, field)}
    if not changed:
        return me
    require_untaken(changed, except_id=me.pk)
    if "username" in changed and me.username:
        names.reserve_name(me.username, kind=NameKind.USERNAME, holder_id=me.pk)
    for field, value in changed.items():
        setattr(me, field, value)
    with taken_names_refused():
        me.save(update_fields=[*changed, "updated_at"])
    audit.record(actor_id=me.pk, action="account.updated", target=me, fields=sorted(changed))
    if _SHOWN & changed.keys():
        publish_on_commit(events.user_updated(me))
    return me


def _checked_username(me: User, wanted: str) -> str:
    username = wanted.strip().lower()
    if username != me.username:
        names.check_name_is_free(username, kind=NameKind.USERNAME, field="username", holder_id=me.pk)
    return username

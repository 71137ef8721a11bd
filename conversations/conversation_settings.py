"""The settings of a conversation: keys, defaults, validator."""

from collections.abc import Callable, Mapping
from typing import Any

from chat_project.core.errors import InvalidError

SLOW_MODE_MAX_SECONDS = 86_400
MESSAGE_TTL_MAX_SECONDS = 31_536_000

# Every word that `permissions` and `default_permissions` may hold.
PERMISSION_WORDS = (
    "send_messages",
    "send_media",
    "react",
    "add_members",
    "pin_messages",
    "change_info",
    "manage_invites",
    "delete_messages",
    "manage_members",
    "manage_admins",
)

DEFAULTS: Mapping[str, Any] = {
    "slow_mode_seconds": 0,
    "history_for_new_members": True,
    "default_permissions": {},
    "join_approval": False,
    "message_ttl_seconds": 0,
    "allow_reactions": True,
    "signatures": False,
}


def complete_settings(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return every setting: what is stored, over the defaults."""
    return {**DEFAULTS, **stored}


def checked_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as they may be stored. Raises InvalidError, which names each wrong key."""
    errors: dict[str, list[str]] = {}
    for key, value in given.items():
        problem = _CHECKS[key](value) if key in _CHECKS else "There is no such setting."
        if problem:
            errors[f"settings.{key}"] = [problem]
    if errors:
        raise InvalidError(errors=errors)
    return dict(given)


def checked_permissions(given: Mapping[str, Any], *, field: str = "permissions") -> dict[str, bool]:
    """Return permissions as they may be stored. Raises InvalidError on an unknown word or another value."""
    if problem := _permissions(given):
        raise InvalidError.of(field, problem)
    return dict(given)


def _switch(value: Any) -> str:
    return "" if isinstance(value, bool) else "Give true or false."


def _seconds(limit: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= limit
        return "" if whole else f"Give whole seconds from 0 to {limit}."

    return check


def _permissions(value: Any) -> str:
    if not isinstance(value, dict) or not all(isinstance(allowed, bool) for allowed in value.values()):
        return "Give an object of permission words, each true or false."
    unknown = sorted(value.keys() - set(PERMISSION_WORDS))
    return f"There is no such permission: {', '.join(unknown)}." if unknown else ""


_CHECKS: Mapping[str, Callable[[Any], str]] = {
    "slow_mode_seconds": _seconds(SLOW_MODE_MAX_SECONDS),
    "history_for_new_members": _switch,
    "default_permissions": _permissions,
    "join_approval": _switch,
    "message_ttl_seconds": _seconds(MESSAGE_TTL_MAX_SECONDS),
    "allow_reactions": _switch,
    "signatures": _switch,
}

"""The privacy settings of a person: their keys, their defaults, their validator."""

from collections.abc import Iterable, Mapping
from typing import Any

from chat_project.core.db.cuid import is_cuid

AUDIENCES = ("everybody", "contacts", "nobody")
AUDIENCE_KEYS = (
    "last_seen",
    "profile_photo",
    "phone",
    "email",
    "direct_messages",
    "group_invites",
    "forwards",
)
SWITCH_KEYS = ("read_receipts", "discoverable")
EXCEPTION_LISTS = ("always", "never")
EXCEPTIONS_MAX = 1000


def default_privacy_settings() -> dict[str, Any]:
    """Return what a new account begins with."""
    return {
        **dict.fromkeys(AUDIENCE_KEYS, "everybody"),
        "phone": "nobody",
        "email": "nobody",
        "read_receipts": True,
        "discoverable": True,
        "exceptions": {},
    }


def privacy_errors(settings: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what is wrong with settings, or with some keys of them, by the path of each fault; {} where nothing is."""
    errors: dict[str, list[str]] = {}
    for key, value in settings.items():
        if key in AUDIENCE_KEYS:
            if value not in AUDIENCES:
                errors[key] = [f"Choose one of {', '.join(AUDIENCES)}."]
        elif key in SWITCH_KEYS:
            if not isinstance(value, bool):
                errors[key] = ["This must be true or false."]
        elif key == "exceptions":
            errors.update(_exception_errors(value))
        else:
            errors[key] = ["This field is not known here."]
    return errors


def merged_settings(settings: Mapping[str, Any], changes: Mapping[str, Any], *, owner_id: str) -> dict[str, Any]:
    """Return settings with valid changes in them: key by key, and the exceptions list by list.

    Lists hold each person once, and never their owner; empty ones are left out.
    """
    exceptions = {key: dict(lists) for key, lists in settings["exceptions"].items()}
    for key, lists in changes.get("exceptions", {}).items():
        merged = {**exceptions.get(key, {}), **lists}
        exceptions[key] = {name: _without(ids, owner_id) for name, ids in merged.items()}
    kept = {key: {name: ids for name, ids in lists.items() if ids} for key, lists in exceptions.items()}
    return {**settings, **changes, "exceptions": {key: lists for key, lists in kept.items() if lists}}


def _without(user_ids: Iterable[str], owner_id: str) -> list[str]:
    return [user_id for user_id in dict.fromkeys(user_ids) if user_id != owner_id]


def _exception_errors(exceptions: Any) -> dict[str, list[str]]:
    if not isinstance(exceptions, dict):
        return {"exceptions": ["This must be an object."]}
    errors: dict[str, list[str]] = {}
    for key, lists in exceptions.items():
        path = f"exceptions.{key}"
        if key not in AUDIENCE_KEYS:
            errors[path] = ["This field is not known here."]
        elif not isinstance(lists, dict):
            errors[path] = ["This must be an object."]
        else:
            errors.update(
                {f"{path}.{name}": problem for name, ids in lists.items() if (problem := _list_errors(name, ids))}
            )
    return errors


def _list_errors(name: str, user_ids: Any) -> list[str]:
    if name not in EXCEPTION_LISTS:
        return ["This field is not known here."]
    if not isinstance(user_ids, list) or not all(is_cuid(user_id) for user_id in user_ids):
        return ["This must be a list of user ids."]
    if len(user_ids) > EXCEPTIONS_MAX:
        return [f"Give at most {EXCEPTIONS_MAX} people."]
    return []

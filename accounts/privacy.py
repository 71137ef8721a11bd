"""The privacy settings of a person: their keys, their defaults, their validator."""

from typing import Any

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

"""Privacy, judged in one place."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from accounts.privacy import default_privacy_settings
from accounts.selectors.people import Person

_DEFAULTS = default_privacy_settings()


def allows(settings: Mapping[str, Any], key: str, *, subject_id: str, viewer_id: str, is_contact: bool) -> bool:
    """Tell whether a person's privacy settings let a viewer have what `key` guards.

    `never` beats `always`, and both beat the audience. Blocks are asked beside this: they beat everything.
    """
    if subject_id == viewer_id:
        return True
    exceptions = settings.get("exceptions", {}).get(key, {})
    if viewer_id in exceptions.get("never", ()):
        return False
    if viewer_id in exceptions.get("always", ()):
        return True
    audience = settings.get(key, _DEFAULTS[key])
    return audience == "everybody" or (audience == "contacts" and is_contact)


def is_known(who: Person) -> bool:
    """Tell whether the viewer may know more of somebody than their names.

    A picture is judged once more when it is fetched, so where several people are told alike its address may stand.
    """
    return who.user.is_active and not who.blocked_me and not who.by_anybody


def shows(who: Person, key: str) -> bool:
    """Tell whether a person lets the viewer have what `key` guards."""
    user = who.user
    if not is_known(who) and not (who.by_anybody and key == "profile_photo" and user.is_active):
        return False
    return allows(user.privacy_settings, key, subject_id=user.id, viewer_id=who.viewer_id, is_contact=who.is_contact)


def shows_last_seen(who: Person) -> bool:
    """Tell whether the viewer sees when somebody was last seen: who hides their own from them does not."""
    in_return = allows(
        who.viewer_settings,
        "last_seen",
        subject_id=who.viewer_id,
        viewer_id=who.user.id,
        is_contact=who.is_contact,
    )
    return shows(who, "last_seen") and in_return and not who.i_blocked


def are_parted(who: Person) -> bool:
    """Tell whether the viewer and somebody have nothing more to say to each other: blocked, or closed."""
    return who.i_blocked or who.blocked_me or not who.user.is_active


def shares_reading(settings: Mapping[str, Any]) -> bool:
    """Tell whether a person lets others know how far they read, and so knows it of others who do."""
    return bool(settings.get("read_receipts", _DEFAULTS["read_receipts"]))


def sharing_reading(prefix: str = "") -> Q:
    """Return `shares_reading` as a condition on users, for the database."""
    key = f"{prefix}privacy_settings__read_receipts"
    return Q(**{key: True}) | Q(**{f"{key}__isnull": True})


def shows_reading(who: Person) -> bool:
    """Tell whether the viewer may know how far somebody has read: where neither of the two hides it, nor a block."""
    if who.user.id == who.viewer_id:
        return True
    return (
        not (who.i_blocked or who.blocked_me)
        and shares_reading(who.viewer_settings)
        and shares_reading(who.user.privacy_settings)
    )

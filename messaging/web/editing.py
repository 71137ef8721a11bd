"""What somebody who runs a group or a channel sets for it: what members may do, and what holds in it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from conversations.enums import ConversationType, Role
from conversations.policies import RIGHTS, Capability

SLOW_MODES = (0, 10, 30, 60, 300, 3600)
_DAY = 86_400
# More digits than any limit has.
LONGEST = 12
LIFETIMES = ((0, _("never")), (_DAY, _("after a day")), (7 * _DAY, _("after a week")), (30 * _DAY, _("after 30 days")))
# The rest of the words is for those who run a group, by their role.
WORDS = (
    ("send_messages", _("Write messages")),
    ("send_media", _("Send pictures, films and files")),
    ("add_members", _("Add people")),
    ("manage_invites", _("Make invite links")),
    ("pin_messages", _("Pin messages")),
    ("change_info", _("Change the name, the picture and these settings")),
)
SWITCHES = (
    ("allow_reactions", _("Messages can be reacted to")),
    ("history_for_new_members", _("Who is new sees what was written before")),
    ("join_approval", _("Who joins by the public name waits to be let in")),
)
_OF_CHANNELS = (("signatures", _("Posts show who wrote them")),)


def form_of(conversation: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows, of a Conversation as its representation shows it to the viewer."""
    settings = conversation["settings"]
    lifetime = settings["message_ttl_seconds"]
    other = () if lifetime in dict(LIFETIMES) else ((lifetime, _("after %(n)d seconds") % {"n": lifetime}),)
    words = WORDS if conversation["type"] == ConversationType.GROUP else ()
    return {
        "slow_modes": SLOW_MODES,
        "lifetimes": (*LIFETIMES, *other),
        "words": [(word, label, _may(settings, word)) for word, label in words],
        "switches": [(name, label, settings[name]) for name, label in _switches(conversation)],
        "may_archive": Capability.ARCHIVE
        in RIGHTS[ConversationType(conversation["type"])][Role(conversation["my_role"])],
    }


def changes_of(given: QueryDict) -> dict[str, Any]:
    """Return what a form changes, as `update_conversation` takes it.

    The form says what it showed: what somebody else has changed since then stays as they left it.
    """
    texts = {name: str(given[name]).strip() for name in ("title", "description", "handle") if _is_other(given, name)}
    changes: dict[str, Any] = dict(texts)
    if "handle" in texts:
        changes["handle"] = texts["handle"].removeprefix("@") or None
    settings: dict[str, Any] = ticked(given, (name for name, _label in SWITCHES + _OF_CHANNELS))
    for field, name in (("slow", "slow_mode_seconds"), ("lifetime", "message_ttl_seconds")):
        seconds = str(given.get(field, ""))
        if _is_other(given, field) and seconds.isdecimal() and len(seconds) < LONGEST:
            settings[name] = int(seconds)
    if settings:
        changes["settings"] = settings
    if words := ticked(given, (word for word, _label in WORDS)):
        changes["adjustments"] = words
    return changes


def ticked(given: QueryDict, names: Iterable[str]) -> dict[str, bool]:
    """Return the boxes that are ticked otherwise than the form showed them, which `was` says."""
    are, were = given.getlist("is"), given.getlist("was")
    return {name: name in are for name in names if (name in are) != (name in were)}


def _is_other(given: QueryDict, name: str) -> bool:
    now, was = (str(given.get(each, "")).replace("\r\n", "\n") for each in (name, f"was-{name}"))
    return name in given and now != was


def _switches(conversation: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return SWITCHES + (_OF_CHANNELS if conversation["type"] == ConversationType.CHANNEL else ())


def _may(settings: Mapping[str, Any], word: str) -> bool:
    return bool(settings["default_permissions"].get(word, word in RIGHTS[ConversationType.GROUP][Role.MEMBER]))

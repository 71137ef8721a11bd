"""What somebody who runs a group or a channel sets for it: what members may do, and what holds in it."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from conversations.enums import ConversationType, Role
from conversations.policies import RANK, RIGHTS

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
        "may_archive": RANK[Role(conversation["my_role"])] >= RANK[Role.ADMIN],
    }


def changed_settings(conversation: Mapping[str, Any], given: QueryDict) -> dict[str, Any]:
    """Return the settings that a form changes. What is not ticked is not sent: `boxes` tells that there were boxes."""
    settings = conversation["settings"]
    chosen: dict[str, Any] = {}
    for field, name in (("slow", "slow_mode_seconds"), ("lifetime", "message_ttl_seconds")):
        seconds = str(given.get(field, ""))
        if seconds.isdecimal() and len(seconds) < LONGEST:
            chosen[name] = int(seconds)
    if "boxes" in given:
        chosen |= {name: name in given.getlist("switch") for name, _label in _switches(conversation)}
        if conversation["type"] == ConversationType.GROUP:
            chosen["default_permissions"] = _defaults(settings, given.getlist("may"))
    return {name: value for name, value in chosen.items() if value != settings[name]}


def _switches(conversation: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return SWITCHES + (_OF_CHANNELS if conversation["type"] == ConversationType.CHANNEL else ())


def _may(settings: Mapping[str, Any], word: str) -> bool:
    return bool(settings["default_permissions"].get(word, word in RIGHTS[ConversationType.GROUP][Role.MEMBER]))


def _defaults(settings: Mapping[str, Any], ticked: list[str]) -> dict[str, bool]:
    changed = {word: word in ticked for word, _label in WORDS if (word in ticked) != _may(settings, word)}
    return {**settings["default_permissions"], **changed}

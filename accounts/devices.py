"""What kind of device signs in, as far as its user agent says."""

import re
from dataclasses import dataclass

NAME_MAX_LENGTH = 128

# The first that matches counts: an iPad calls itself Mac OS, Android calls itself Linux.
_PLATFORMS = (
    ("iOS", re.compile(r"iPhone|iPad|iPod|\bios\b", re.IGNORECASE)),
    ("Android", re.compile(r"Android", re.IGNORECASE)),
    ("Windows", re.compile(r"Windows", re.IGNORECASE)),
    ("macOS", re.compile(r"Mac OS X|Macintosh|Darwin", re.IGNORECASE)),
    ("ChromeOS", re.compile(r"CrOS")),
    ("Linux", re.compile(r"Linux|X11", re.IGNORECASE)),
)
# Likewise: Edge and Opera call themselves Chrome, Chrome calls itself Safari.
_CLIENTS = (
    ("Edge", re.compile(r"Edg(?:A|iOS|e)?/")),
    ("Opera", re.compile(r"OPR/|Opera")),
    ("Firefox", re.compile(r"Firefox/|FxiOS/")),
    ("Chrome", re.compile(r"Chrom(?:e|ium)/|CriOS/")),
    ("Safari", re.compile(r"Safari/")),
    ("curl", re.compile(r"^curl/")),
)


@dataclass(frozen=True, slots=True)
class Device:
    """A device under the name by which its owner will know it; `key` is the hash of its browser's cookie."""

    name: str
    platform: str
    key: str | None = None

    @classmethod
    def of(cls, *, user_agent: str, name: str = "", key: str | None = None) -> "Device":
        """Return the device of a user agent, named by it where no name is given."""
        platform = _first(_PLATFORMS, user_agent)
        client = _first(_CLIENTS, user_agent)
        described = " on ".join(part for part in (client, platform) if part) or "Unknown device"
        return cls(name=(name or described)[:NAME_MAX_LENGTH], platform=platform, key=key)


def _first(patterns: tuple[tuple[str, re.Pattern[str]], ...], user_agent: str) -> str:
    return next((name for name, pattern in patterns if pattern.search(user_agent)), "")

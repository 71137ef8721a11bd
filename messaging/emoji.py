"""Which texts are emoji: the sequences that Unicode recommends for general interchange (RGI), and no others."""

from functools import cache

from emoji import EMOJI_DATA, STATUS

# Fully qualified sequences, and the modifiers that stand in the set by themselves: skin tones and hair.
_RECOMMENDED = frozenset({STATUS["fully_qualified"], STATUS["component"]})


def is_emoji(text: str) -> bool:
    """Tell whether a text is one emoji, as Unicode writes it: "❤️" with its variation selector."""
    return text in _emoji()


@cache
def _emoji() -> frozenset[str]:
    return frozenset(text for text, about in EMOJI_DATA.items() if about["status"] in _RECOMMENDED)


# The groups of a picker by where Unicode keeps their first characters; what is in none of them comes last.
_GROUPS = (
    ("😀", ((0x1F600, 0x1F644), (0x1F910, 0x1F917), (0x1F920, 0x1F92F), (0x1F970, 0x1F97A), (0x1FAE0, 0x1FAEF))),
    ("👍", ((0x1F440, 0x1F450), (0x1F485, 0x1F49F), (0x1F645, 0x1F64F), (0x1F90C, 0x1F91F), (0x270A, 0x270D))),
    ("🐻", ((0x1F330, 0x1F344), (0x1F400, 0x1F43F), (0x1F980, 0x1F9AE), (0x1FAB0, 0x1FABF))),
    ("🍎", ((0x1F32D, 0x1F32F), (0x1F345, 0x1F37F), (0x1F950, 0x1F96F), (0x1F9C0, 0x1F9CB), (0x1FAD0, 0x1FADF))),
    ("⚽", ((0x1F380, 0x1F3D3), (0x1F3F8, 0x1F3FA), (0x1F93A, 0x1F94F), (0x26BD, 0x26BE))),
    ("🚗", ((0x1F300, 0x1F32C), (0x1F3D4, 0x1F3F7), (0x1F680, 0x1F6FF))),
)
_REST = "💡"


@cache
def emoji_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a picker offers: a sign for each group, and its emoji with their English names.

    Tones of skin, flags and combinations are left to keyboards.
    """
    groups: dict[str, list[tuple[str, str]]] = {sign: [] for sign in (*(sign for sign, _ranges in _GROUPS), _REST)}
    for text in sorted(text for text in _emoji() if len(text.removesuffix("\ufe0f")) == 1):
        if EMOJI_DATA[text]["status"] == STATUS["fully_qualified"]:
            groups[_group_of(ord(text[0]))].append((text, _name(EMOJI_DATA[text]["en"])))
    return list(groups.items())


def _group_of(point: int) -> str:
    for sign, ranges in _GROUPS:
        if any(first <= point <= last for first, last in ranges):
            return sign
    return _REST


def _name(short: str) -> str:
    return short.strip(":").replace("_", " ").lower()

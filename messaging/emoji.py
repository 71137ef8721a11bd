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

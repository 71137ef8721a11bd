"""Text as search sees it: folded words, and pairs of letters in scripts that put no spaces between words."""

import re
import unicodedata
from collections.abc import Iterator

# A lexeme of a tsvector is at most 2 KiB, a position at most 16,383; longer words are cut, later ones lose their place.
WORD_MAX_LENGTH = 64
POSITION_MAX = 16_383

# Thai, Lao, Myanmar, Khmer; kana; CJK ideographs with their extensions. Hangul has spaces, yet its words carry
# particles, so that parts of words must be found too.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\u1100-\u11ff\uac00-\ud7af\U00020000-\U0003134f"
)
_TOKEN = re.compile(rf"[{_UNSPACED}]+|[^\W{_UNSPACED}]+")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")


def fold(text: str) -> str:
    """Return text without the differences of case, accent and width."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    marks_off = "".join(c for c in decomposed if unicodedata.category(c) != "Mn" or _IS_UNSPACED.match(c))
    return unicodedata.normalize("NFC", marks_off)


def terms(text: str) -> Iterator[tuple[int, str]]:
    """Yield the terms of a text with their positions, from 1: words, or pairs of letters of an unspaced run."""
    position = 0
    for token in _TOKEN.findall(fold(text)):
        if _IS_UNSPACED.match(token):
            pairs = [token[i : i + 2] for i in range(len(token) - 1)] or [token]
            for pair in pairs:
                position += 1
                yield position, pair
        else:
            position += 1
            yield position, token[:WORD_MAX_LENGTH]


def search_vector(content: str) -> str:
    """Return the literal of the tsvector that `messages.search` holds for a text."""
    return " ".join(f"'{term}':{min(position, POSITION_MAX)}" for position, term in terms(content))

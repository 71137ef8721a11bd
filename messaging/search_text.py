"""Text as search sees it: folded words, and pairs of letters in scripts that put no spaces between words.

Of a run without spaces each pair of neighbours is a term, and its last letter by itself: so any part of it is found,
a single letter as the beginning of a pair.
"""

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
# Scripts of India and Tibet write vowels as marks, which are no accents.
_MARKED = "\u0900-\u0963\u0966-\u0dff\u0f00-\u0f03\u0f18-\u0fbc"
# An underscore joins no words: it is also a sign of emphasis.
_TOKEN = re.compile(rf"[{_UNSPACED}]+|(?:[^\W_{_UNSPACED}]|[{_MARKED}])+")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_KEEPS_MARKS = re.compile(rf"[{_UNSPACED}{_MARKED}]")
# Only makes Arabic words longer.
_TATWEEL = "\u0640"
_JAMO_THAT_FOLLOW = range(0x1160, 0x1200)


def fold(text: str) -> str:
    """Return text without the differences of case, accent and width."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    marks_off = "".join(
        c for c in decomposed if c != _TATWEEL and (unicodedata.category(c) != "Mn" or _KEEPS_MARKS.match(c))
    )
    return unicodedata.normalize("NFC", marks_off)


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and of each of its letters the place in `text` where that begins; then the text's end."""
    folded: list[str] = []
    places: list[int] = []
    for start, cluster in _clusters(text):
        letters = fold(cluster)
        folded.append(letters)
        places.extend([start] * len(letters))
    return "".join(folded), [*places, len(text)]


def is_unspaced(term: str) -> bool:
    """Tell whether a term is of a script that puts no spaces between words."""
    return _IS_UNSPACED.match(term) is not None


def terms(text: str) -> Iterator[tuple[int, str]]:
    """Yield the terms of a text with their positions, from 1."""
    return ((position, term) for position, term, _ in placed_terms(fold(text)))


def placed_terms(folded: str) -> Iterator[tuple[int, str, int]]:
    """Yield the terms of a folded text with their positions, from 1, and where in it they begin."""
    position = 0
    for found in _TOKEN.finditer(folded):
        token, start = found[0], found.start()
        if is_unspaced(token):
            for i in range(len(token)):
                position += 1
                yield position, token[i : i + 2], start + i
        else:
            position += 1
            yield position, token[:WORD_MAX_LENGTH], start


def search_vector(content: str) -> str:
    """Return the literal of the tsvector that `messages.search` holds for a text."""
    return " ".join(f"'{term}':{min(position, POSITION_MAX)}" for position, term in terms(content))


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Yield letters with what is written upon them, which only together fold to one letter."""
    start = 0
    for i in range(1, len(text)):
        if not (unicodedata.combining(text[i]) or ord(text[i]) in _JAMO_THAT_FOLLOW or text[i] in "\uff9e\uff9f"):
            yield start, text[start:i]
            start = i
    if text:
        yield start, text[start:]

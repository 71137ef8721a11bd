"""What a search shows of a message: some of its text around the first match."""

from collections.abc import Sequence

SNIPPET_MAX_LENGTH = 160
# What comes before the first match; in a line, of which the beginning alone may be seen.
LEAD = 40
LINE_LEAD = 10
ELLIPSIS = "…"


def snippet_of(content: str, places: Sequence[tuple[int, int]]) -> tuple[str, list[list[int]]]:
    """Return a snippet, and where in it the matches are: [start, end] in UTF-16 code units.

    `places` are the ranges of code points in which the text matches, in order.
    """
    start, end = 0, len(content)
    if end > SNIPPET_MAX_LENGTH:
        first = places[0][0] if places else 0
        start = _start(content, max(0, min(first - LEAD, end - SNIPPET_MAX_LENGTH)), first)
    return _cut(content, places, start)


def line_of(content: str, places: Sequence[tuple[int, int]]) -> tuple[str, list[list[int]]]:
    """Return what `snippet_of` does, with the first match near the beginning of however short a text."""
    first = places[0][0] if places else 0
    return _cut(content, places, _start(content, first - LINE_LEAD, first) if first > 2 * LINE_LEAD else 0)


def _cut(content: str, places: Sequence[tuple[int, int]], start: int) -> tuple[str, list[list[int]]]:
    end = min(len(content), start + SNIPPET_MAX_LENGTH)
    before = ELLIPSIS if start else ""
    after = ELLIPSIS if end < len(content) else ""
    cut = [(max(low, start), min(high, end)) for low, high in places if low < end and high > start]
    shift = len(before)
    highlights = [[shift + _units(content[start:low]), shift + _units(content[start:high])] for low, high in cut]
    return before + content[start:end] + after, highlights


def _start(content: str, wanted: int, first: int) -> int:
    """Return where a word begins, at or after what is wanted and before the first match."""
    if wanted == 0:
        return 0
    space = content.find(" ", wanted, first)
    return wanted if space < 0 else space + 1


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2

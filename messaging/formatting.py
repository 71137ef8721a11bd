"""The small markup that people write, found once when a message is written: marks in a text, and whom it names.

The text stays as it was written. An entity says what stands where: `offset` and `length` of what is marked, without
the signs around it; `before` and `after` how much markup stands to each side, which is not shown. All four count UTF-16
code units. Entities come by offset, the outer before the inner, and never cross each other.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

# So much of one text is marked, and so many names in it are looked up; what follows stays plain.
ENTITIES_MAX = 100
MENTIONS_MAX = 50
URL_MAX_LENGTH = 2048
# Who writes @all calls everybody.
EVERYBODY = "all"
# What a preview shows of a spoiler.
SPOILER = "…"

# What names somebody, or everybody: their ids are for the service to find.
MENTION = "mention"
MENTION_ALL = "mention_all"

# A text without any of these, and without an address, is plain: the look that most messages cost. Two looks take half
# as long as one for either.
_ANY_SIGN = re.compile(r"[*~|_`@\[]")
_SIGN = re.compile(r"```|`|\*\*|~~|\|\||(?<!_)_(?!_)|\[|@|https?://", re.IGNORECASE)
_PAIRED = {"**": "bold", "_": "italic", "~~": "strike", "||": "spoiler"}
_NAME = re.compile(r"@([a-z][a-z0-9_]{2,31})(?!\w)", re.IGNORECASE)
_URL = re.compile(r"https?://\w[^\s<>\"|`]*", re.IGNORECASE)
_LINK = re.compile(
    rf"\[([^\[\]\n]{{1,256}})\]\(((?:https?://\w|mailto:\w)[^\s<>\"\[\]()]{{1,{URL_MAX_LENGTH}}})\)", re.IGNORECASE
)
_LANGUAGE = re.compile(r"([a-z0-9+#-]{1,20})\n", re.IGNORECASE)
# What ends a sentence, a quotation or a mark around an address is no part of it.
_TRAILING = frozenset(".,:;!?'\"»”\u2019…*~_")
_BRACKETS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that stands in a text, by code points; `before` and `after` count the markup around it."""

    type: str
    start: int
    end: int
    before: int = 0
    after: int = 0
    extra: dict[str, str] = field(default_factory=dict)


def has_signs(text: str) -> bool:
    """Tell whether there may be any mark in a text."""
    return _ANY_SIGN.search(text) is not None or "://" in text


def marks_in(text: str) -> list[Mark]:
    """Return the marks in a text, by their start, the outer first. Never raises; linear in the text's length.

    A name is a MENTION with `username`, in lower case; whoever stores it finds whose it is.
    """
    if not has_signs(text):
        return []
    found = sorted(_Scan(text).marks(), key=lambda mark: (mark.start - mark.before, -mark.end - mark.after))
    return _bounded(found)


def without_markup(text: str) -> str:
    """Return a text as a preview shows it: without its markup, and with dots for what a spoiler hides."""
    parts: list[str] = []
    end = 0
    for start, stop, instead in _hidden(text, marks_in(text)):
        if start >= end:
            parts += [text[end:start], instead]
        end = max(end, stop)
    return "".join((*parts, text[end:]))


def names_somebody(marks: Iterable[Mark]) -> bool:
    """Tell whether somebody is to be found by name among marks, or everybody is."""
    return any(mark.type in (MENTION, MENTION_ALL) for mark in marks)


def entities_of(text: str, marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """Return marks as they are stored and served, in UTF-16 code units."""
    if not marks:
        return []
    at = _utf16_offsets(text)
    return [
        {
            "type": mark.type,
            "offset": at(mark.start),
            "length": at(mark.end) - at(mark.start),
            # Markup is ASCII, or the address of a link.
            **({"before": mark.before} if mark.before else {}),
            **({"after": at(mark.end + mark.after) - at(mark.end)} if mark.after else {}),
            **mark.extra,
        }
        for mark in marks
    ]


def trimmed_address(address: str) -> str:
    """Return an address without the punctuation that follows it; a bracket belongs to it where it was opened in it."""
    end = len(address)
    open_brackets = {closing: address.count(closing) - address.count(opening) for closing, opening in _BRACKETS.items()}
    while end:
        last = address[end - 1]
        if last in _BRACKETS and open_brackets[last] > 0:
            open_brackets[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return address[:end]


def _hidden(text: str, marks: Iterable[Mark]) -> list[tuple[int, int, str]]:
    """Return what previews leave out, in its order, and what stands there instead."""
    hidden: list[tuple[int, int, str]] = []
    for mark in marks:
        if mark.type == "spoiler":
            hidden.append((mark.start - mark.before, mark.end + mark.after, SPOILER))
        else:
            end = mark.end + mark.after
            line_break = "\n" if mark.type == "pre" and text[end - 1] == "\n" else ""
            hidden += [(mark.start - mark.before, mark.start, ""), (mark.end, end, line_break)]
    return sorted(hidden, key=lambda each: (each[0], -each[1]))


def _bounded(marks: Iterable[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    mentions = 0
    for mark in marks:
        mentions += mark.type == MENTION
        if mark.type != MENTION or mentions <= MENTIONS_MAX:
            kept.append(mark)
    return kept[:ENTITIES_MAX]


class _Scan:
    """One way through a text, from sign to sign."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[Mark] = []
        # Signs that wait for their other half, with where they stand. Each kind waits once at most.
        self._waiting: list[tuple[str, int]] = []
        # Signs of code that are not in the rest of the text: it is searched for each of them to its end once.
        self._gone: set[str] = set()
        self._resume = 0

    def marks(self) -> list[Mark]:
        for match in _SIGN.finditer(self._text):
            # A match that began within what was taken as a whole is a part of it.
            if match.start() < self._resume:
                continue
            sign, start = match.group(), match.start()
            if sign in _PAIRED:
                self._pair(sign, start)
            elif sign == "```":
                self._block(start)
            elif sign == "`":
                self._code(start)
            elif sign == "[":
                self._link(start)
            elif sign == "@":
                self._name(start)
            else:
                self._address(start)
        return self._found

    def _add(self, mark: Mark) -> None:
        self._found.append(mark)
        self._resume = max(self._resume, mark.end + mark.after)

    def _pair(self, sign: str, start: int) -> None:
        after = start + len(sign)
        self._resume = after
        opened = next((each for each in reversed(self._waiting) if each[0] == sign), None)
        if opened is not None and self._closes(sign, opened[1], start):
            # What was opened within and not closed is plain text.
            del self._waiting[self._waiting.index(opened) :]
            size = len(sign)
            self._add(Mark(_PAIRED[sign], opened[1] + size, start, size, size))
        elif opened is None and self._opens(sign, start):
            self._waiting.append((sign, start))

    def _opens(self, sign: str, start: int) -> bool:
        text, after = self._text, start + len(sign)
        if after == len(text) or text[after].isspace():
            return False
        # snake_case is no emphasis.
        return sign != "_" or start == 0 or not _is_word(text[start - 1])

    def _closes(self, sign: str, opened: int, start: int) -> bool:
        text, after = self._text, start + len(sign)
        if start == opened + len(sign) or text[start - 1].isspace():
            return False
        return sign != "_" or after == len(text) or not _is_word(text[after])

    def _block(self, start: int) -> None:
        end = self._next("```", start + 3)
        if end is None:
            self._resume = start + 3
            return
        # On a line of its own behind the sign stands the language; a first line that is empty is not shown.
        text, first = self._text, start + 3
        language = _LANGUAGE.match(text, first, end)
        if language:
            first = language.end()
        elif text.startswith("\n", first, end):
            first += 1
        last = end - 1 if text.endswith("\n", first, end) else end
        if not text[first:last].strip():
            self._resume = end + 3
            return
        extra = {"language": language.group(1).lower()} if language else {}
        # A block stands on lines of its own: the break behind it would be shown as one more.
        behind = end + 3 + text.startswith("\n", end + 3)
        self._add(Mark("pre", first, last, first - start, behind - last, extra))

    def _code(self, start: int) -> None:
        end = self._next("`", start + 1)
        self._resume = start + 1
        if end is None:
            return
        code = self._text[start + 1 : end]
        if code.strip() and "\n" not in code:
            self._add(Mark("code", start + 1, end, 1, 1))

    def _next(self, sign: str, start: int) -> int | None:
        if sign in self._gone:
            return None
        place = self._text.find(sign, start)
        if place < 0:
            self._gone.add(sign)
            return None
        return place

    def _link(self, start: int) -> None:
        match = _LINK.match(self._text, start)
        if match is None or not match.group(1).strip():
            self._resume = start + 1
            return
        self._add(Mark("text_link", *match.span(1), 1, match.end() - match.end(1), {"url": match.group(2)}))

    def _address(self, start: int) -> None:
        match = _URL.match(self._text, start)
        if match is None:
            self._resume = start + len("http://")
            return
        self._resume = match.end()
        address = trimmed_address(match.group())
        if len(address) > URL_MAX_LENGTH:
            return
        self._resume = start + len(address)
        self._add(Mark("url", start, start + len(address)))

    def _name(self, start: int) -> None:
        match = _NAME.match(self._text, start)
        if match is None or not self._begins(start):
            self._resume = start + 1
            return
        name = match.group(1).lower()
        # The end of an emphasis around it. A name may end with the same sign, but is seldom so written.
        if name.endswith("_") and any(sign == "_" for sign, _ in self._waiting):
            name = name[:-1]
        if name == EVERYBODY:
            self._add(Mark(MENTION_ALL, start, start + 1 + len(name)))
        else:
            self._add(Mark(MENTION, start, start + 1 + len(name), extra={"username": name}))

    def _begins(self, start: int) -> bool:
        """Tell whether a name may begin here: not within an address or a word, but right behind an emphasis' sign."""
        if start == 0 or ("_", start - 1) in self._waiting:
            return True
        before = self._text[start - 1]
        return not _is_word(before) and before not in "@/."


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _utf16_offsets(text: str) -> Any:
    """Return what gives the offset in UTF-16 code units of a place in a text."""
    if text.isascii() or max(text) <= "\uffff":
        return lambda place: place
    offsets = [0, *accumulate(2 if character > "\uffff" else 1 for character in text)]
    return offsets.__getitem__

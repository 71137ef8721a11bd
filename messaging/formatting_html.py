"""Texts as pages show them: HTML from a text and its entities, in which only text is what somebody wrote."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

SCHEMES = ("http://", "https://", "mailto:")

_ELEMENTS = {
    "bold": ("<strong>", "</strong>"),
    "italic": ("<em>", "</em>"),
    "strike": ("<s>", "</s>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre><code>", "</code></pre>"),
    "spoiler": ('<span class="spoiler" tabindex="0">', "</span>"),
    "mention_all": ('<span class="mention">', "</span>"),
}
_ANCHOR = '<a href="{}" target="_blank" rel="noopener noreferrer nofollow">'
_MENTION = '<a class="mention" href="/people/{}">'


@dataclass(frozen=True, slots=True)
class _Span:
    """An entity's text, from `first` to `last`, in its markup, from `start` to `end`; all in UTF-16 code units."""

    start: int
    first: int
    last: int
    end: int
    opening: str
    closing: str


def formatted(text: str, entities: Iterable[Mapping[str, Any]] = ()) -> SafeString:
    """Return a text as HTML: its entities are elements, and their markup is left out.

    What an entity says that is no known one, lies outside of the text, or crosses another, is shown as text.
    """
    units = _Units(text)
    return mark_safe("".join(_pieces(units, _spans(units, entities))))  # noqa: S308


class _Units:
    """A text by UTF-16 code units."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._wide = None if text.isascii() or max(text) <= "\uffff" else text.encode("utf-16-le", "surrogatepass")

    def __len__(self) -> int:
        return len(self._text) if self._wide is None else len(self._wide) // 2

    def cut(self, start: int, end: int) -> str:
        if self._wide is None:
            return self._text[start:end]
        return self._wide[2 * start : 2 * end].decode("utf-16-le", "replace")

    def escaped(self, start: int, end: int) -> str:
        return escape(self.cut(start, end))


def _pieces(units: _Units, spans: Iterable[_Span]) -> Iterator[str]:
    place = 0
    around: list[_Span] = []
    for span in spans:
        while around and around[-1].end <= span.start:
            yield units.escaped(place, around[-1].last)
            yield around[-1].closing
            place = around.pop().end
        room = around[-1].last if around else len(units)
        if span.start < place or span.end > room:
            continue
        yield units.escaped(place, span.start)
        yield span.opening
        place = span.first
        around.append(span)
    while around:
        yield units.escaped(place, around[-1].last)
        yield around[-1].closing
        place = around.pop().end
    yield units.escaped(place, len(units))


def _spans(units: _Units, entities: Iterable[Mapping[str, Any]]) -> list[_Span]:
    spans = [span for entity in entities if (span := _span(units, entity)) is not None]
    return sorted(spans, key=lambda span: (span.start, -span.end))


def _span(units: _Units, entity: Mapping[str, Any]) -> _Span | None:
    first, length = entity["offset"], entity["length"]
    last = first + length
    element = _element(units, entity, first, last)
    start, end = first - entity.get("before", 0), last + entity.get("after", 0)
    if element is None or length <= 0 or not 0 <= start <= first or not last <= end <= len(units):
        return None
    return _Span(start, first, last, end, *element)


def _element(units: _Units, entity: Mapping[str, Any], first: int, last: int) -> tuple[str, str] | None:
    match entity:
        case {"type": "url"}:
            return _anchor(units.cut(first, last))
        case {"type": "text_link", "url": str(address)}:
            return _anchor(address)
        case {"type": "mention", "user_id": str(user_id)}:
            return format_html(_MENTION, user_id), "</a>"
        case {"type": "pre", "language": str(language)}:
            return format_html('<pre data-language="{}"><code>', language), "</code></pre>"
        case {"type": kind}:
            return _ELEMENTS.get(kind)
    return None


def _anchor(address: str) -> tuple[str, str] | None:
    if not address.lower().startswith(SCHEMES):
        return None
    return format_html(_ANCHOR, address), "</a>"

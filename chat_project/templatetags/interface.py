"""What templates draw with: icons, avatars' colours and letters, and texts with their links."""

import re
import zlib
from datetime import datetime

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

register = template.Library()

HUES = 7

_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
# What ends a sentence or closes a quotation around an address is no part of it.
_TRAILING = ".,:;!?'\"»”\u2019…*"
_ANCHOR = '<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>'
_BRACKETS = {")": "(", "]": "[", "}": "{"}


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """Return an icon of the sprite. It says nothing to screen readers: the text beside it does."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>', classes, static("img/icons.svg"), name
    )


@register.filter
def hue(identity: str | None) -> int:
    """Return the hue, 0 to 6, that a person or a conversation keeps by its id."""
    return zlib.crc32((identity or "").encode()) % HUES


@register.filter
def elapsed(moment: datetime) -> str:
    """Return how long ago a moment was, in the largest unit alone: "7 hours"."""
    return timesince(moment, depth=1)


@register.filter
def initials(name: str) -> str:
    """Return one or two letters that stand for a name."""
    words = [word for word in re.split(r"[\s_.-]+", name) if word and word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@register.filter
def linked(text: str) -> SafeString:
    """Return a plain text as HTML, its http and https addresses as links."""
    parts: list[str] = []
    end = 0
    for match in _LINK.finditer(text):
        address = _trimmed(match.group())
        if address.endswith("://"):
            continue
        parts += [text[end : match.start()], format_html(_ANCHOR, address, address)]
        end = match.start() + len(address)
    return format_html_join("", "{}", ((part,) for part in (*parts, text[end:])))


def _trimmed(address: str) -> str:
    """Return an address without the punctuation that follows it; a bracket belongs to it where it was opened in it."""
    while address:
        last = address[-1]
        opening = _BRACKETS.get(last)
        if last in _TRAILING or (opening and address.count(last) > address.count(opening)):
            address = address[:-1]
        else:
            break
    return address

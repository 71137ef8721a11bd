"""Pictures, films and sounds in templates: how large they are shown, how long they last, what sounds look like."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_HEIGHT, _LEAST, _STEP = 24, 2, 3
# What a thumbnail has at most; what is narrower than the least is cut to it.
_SIDE, _LEAST_SIDE = 320, 64


@register.simple_tag
def shown_picture(file: Mapping[str, Any]) -> SafeString:
    """Return a picture, or the one that stands for a film, in its place, which its placeholder holds."""
    share = min(1, _SIDE / max(file["width"], file["height"]))
    picture = format_html(
        '<img src="{0}" srcset="{0}?size=preview 2x" alt="{1}" width="{2}" height="{3}" loading="lazy">',
        file["thumbnail_url"],
        file["file_name"],
        max(_LEAST_SIDE, round(file["width"] * share)),
        max(_LEAST_SIDE, round(file["height"] * share)),
    )
    if not file["placeholder"]:
        return picture
    return picture + format_html('<img class="hold" src="{}" alt="">', file["placeholder"])


@register.filter
def clock(seconds: float | None) -> str:
    """Return a length as 1:05, or 1:02:05."""
    minutes, rest = divmod(int(seconds or 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def waveform(message: Mapping[str, Any], attachment_id: str) -> str:
    """Return a sound's waveform as the path of an SVG: a bar a part. Of one that has none, a line of dots."""
    levels = message.get("metadata", {}).get("waveform", {}).get(attachment_id) or [0] * 64
    heights = (_LEAST + (_HEIGHT - _LEAST) * level // 100 for level in levels)
    return "".join(f"M{1 + _STEP * part} {(_HEIGHT - high) / 2:g}v{high}" for part, high in enumerate(heights))

"""Films and sounds in templates: how long they last, and what sounds look like."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()

_HEIGHT, _LEAST, _STEP = 24, 2, 3


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

"""Messages' texts in templates: as HTML, or without markup for previews."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString

from messaging import formatting, formatting_html

register = template.Library()


@register.filter
def formatted(message: Mapping[str, Any]) -> SafeString:
    """Return a Message's text as HTML, from its entities."""
    return formatting_html.formatted(message["content"], message.get("metadata", {}).get("entities", ()))


@register.filter
def without_markup(text: str) -> str:
    """Return a text without its markup and without what its spoilers hide."""
    return formatting.without_markup(text)

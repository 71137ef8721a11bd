"""Query parameters that hold text."""

from collections.abc import Mapping

from chat_project.core.api.json import has_forbidden_characters
from chat_project.core.errors import InvalidError


def text_param(params: Mapping[str, str], name: str, *, max_length: int) -> str:
    """Return a parameter's text, trimmed; "" where it is not given.

    Raises: InvalidError where it is longer than `max_length` code points or holds what no text may.
    """
    text = params.get(name, "").strip()
    if len(text) > max_length:
        raise InvalidError.of(name, f"Give at most {max_length} characters.")
    if has_forbidden_characters(text):
        raise InvalidError.of(name, "This must not hold U+0000 or lone surrogates.", code="malformed_text")
    return text

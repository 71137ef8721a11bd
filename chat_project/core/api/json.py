"""The one parser of what clients send as JSON: REST bodies, socket frames, cursors."""

import json
import math
import re
from typing import Any, NoReturn

from chat_project.core.errors import InvalidError

MAX_DEPTH = 32
INTEGER_LIMIT = 2**63

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(text: str | bytes) -> Any:
    """Return the value that `text` holds.

    Raises InvalidError on what is not JSON or not UTF-8, nests deeper than 32, repeats a key, or holds a number
    that is not finite, an integer beyond 64 bits, U+0000 or a lone surrogate.
    """
    try:
        value = json.loads(
            text.decode("utf-8") if isinstance(text, bytes) else text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except (ValueError, RecursionError):
        raise InvalidError("The body is not valid JSON.", code="malformed_json") from None
    _check(value, depth=1)
    return value


def has_forbidden_characters(text: str) -> bool:
    """Tell whether a text holds U+0000, which PostgreSQL has no place for, or a lone surrogate, which UTF-8 has not."""
    return "\x00" in text or _LONE_SURROGATE.search(text) is not None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -INTEGER_LIMIT <= (number := int(digits)) < INTEGER_LIMIT:
        raise ValueError("an integer beyond 64 bits")
    return number


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number that is not finite")
    return number


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, (dict, list)):
        if depth > MAX_DEPTH:
            raise InvalidError("The body nests too deep.", code="malformed_json")
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth + 1)
        if isinstance(value, dict):
            for key in value:
                _check_text(key)


def _check_text(text: str) -> None:
    if has_forbidden_characters(text):
        raise InvalidError("Texts must not hold U+0000 or lone surrogates.", code="malformed_text")

"""Bodies checked by hand where a serializer would cost more than the call: what sockets send."""

from collections.abc import Mapping
from typing import Any

from chat_project.core.errors import InvalidError

_WORDS: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


def checked_fields(
    data: Any, *, required: Mapping[str, type | tuple[type, ...]], optional: Mapping[str, type | tuple[type, ...]]
) -> dict[str, Any]:
    """Return the fields of a body, each of the type named, without the optional ones that are not given.

    Raises InvalidError, which names every field that is missing, unknown or of another type.
    """
    if not isinstance(data, dict):
        raise InvalidError("The data must be a JSON object.")
    errors: dict[str, list[str]] = {}
    for name in required.keys() - data.keys():
        errors[name] = ["This field is required."]
    for name, value in data.items():
        kinds = required.get(name) or optional.get(name)
        if kinds is None:
            errors[name] = ["There is no such field."]
        elif not _is(value, kinds):
            errors[name] = [f"Give {_words(kinds)}."]
    if errors:
        raise InvalidError(errors=errors)
    return data


def checked_texts(value: list[Any], *, field: str) -> list[str]:
    """Return a list of texts. Raises InvalidError where anything else stands in it."""
    if not all(isinstance(item, str) for item in value):
        raise InvalidError.of(field, "Give a list of texts.")
    return value


def _is(value: Any, kinds: type | tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return kinds is bool or (isinstance(kinds, tuple) and bool in kinds)
    return isinstance(value, kinds)


def _words(kinds: type | tuple[type, ...]) -> str:
    return " or ".join(_WORDS[kind] for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))

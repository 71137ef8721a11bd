"""Keyset pages: `?limit=`, `?cursor=`, and answers of `{"results", "next"}`."""

from collections.abc import Mapping
from typing import Any

import orjson

from chat_project.core import signing
from chat_project.core.api.json import parse_json
from chat_project.core.errors import InvalidError

DEFAULT_LIMIT = 50
MAX_LIMIT = 100


def parse_limit(params: Mapping[str, str]) -> int:
    """Return the number of results asked for: 50 where not given, at most 100. Raises InvalidError."""
    text = params.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) > 0):
        raise InvalidError.of("limit", "Give a whole number from 1 to 100.")
    return min(int(text), MAX_LIMIT)


def write_cursor(*, kind: str, viewer_id: str, scope: str = "", position: Mapping[str, Any]) -> str:
    """Return an opaque cursor to `position`, good for this list, person and scope alone."""
    body = orjson.dumps(position)
    key_id = signing.current_key_id()
    signature = signing.mac(purpose="cursor", message=_bound(kind, viewer_id, scope, body), key_id=key_id)
    return f"{key_id}.{signing.encode_bytes(body)}.{signature}"


def read_cursor(cursor: str, *, kind: str, viewer_id: str, scope: str = "") -> dict[str, Any]:
    """Return the position that a cursor of this list holds. Raises InvalidError on any other text."""
    error = InvalidError.of("cursor", "This is no cursor of this list.", code="invalid_cursor")
    try:
        key_id, body, signature = cursor.split(".")
        decoded = signing.decode_bytes(body)
    except ValueError:
        raise error from None
    message = _bound(kind, viewer_id, scope, decoded)
    if not signing.verifies(purpose="cursor", message=message, key_id=key_id, signature=signature):
        raise error
    position = parse_json(decoded)
    assert isinstance(position, dict)
    return position


def _bound(kind: str, viewer_id: str, scope: str, body: bytes) -> bytes:
    return b"\x00".join([kind.encode(), viewer_id.encode(), scope.encode(), body])

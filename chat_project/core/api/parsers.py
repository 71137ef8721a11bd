"""How a request's body becomes data."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

from chat_project.core.api.json import parse_json
from chat_project.core.errors import InvalidError


class StrictJSONParser(BaseParser):
    """`application/json`, read by the one strict parser; the body must be an object."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        value = parse_json(stream.read())
        if not isinstance(value, dict):
            raise InvalidError("The body must be a JSON object.", code="malformed_json")
        return value

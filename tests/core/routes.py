"""Every route of the API, as the URL configuration has them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny

from chat_project.core.api.parsers import StrictJSONParser

PREFIX = "api/v1/"
NOTHING = "c" + "0" * 24
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """An address under /api/v1/, with its parameters in braces, what may be asked of it, and by whom."""

    path: str
    methods: tuple[str, ...]
    is_open: bool
    takes_files: bool
    takes_json: bool

    def filled(self, **values: str) -> str:
        """Return the path with these values in place of its parameters, the id of nothing where none is given."""
        return re.sub(r"{(\w+)}", lambda match: values.get(match[1], NOTHING), self.path)


def api_routes() -> list[Route]:
    """Return all routes."""
    return [
        Route(
            path=_PARAMETER.sub(r"{\1}", path).removeprefix(PREFIX),
            methods=_methods(pattern),
            is_open=AllowAny in pattern.callback.view_class.permission_classes,
            takes_files=MultiPartParser in pattern.callback.view_class.parser_classes,
            takes_json=StrictJSONParser in pattern.callback.view_class.parser_classes,
        )
        for path, pattern in _patterns(get_resolver().url_patterns, "")
        if path.startswith(PREFIX)
    ]


def _patterns(entries: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, URLPattern]]:
    for entry in entries:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, path)
        else:
            yield path, entry


def _methods(pattern: URLPattern) -> tuple[str, ...]:
    view = pattern.callback.view_class
    return tuple(method for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if hasattr(view, method.lower()))

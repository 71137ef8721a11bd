"""Messages as the page shows them: the one template that the page, its events and its syncs share."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.template.loader import get_template

EVENTS = frozenset({"message.created", "message.updated", "message.deleted"})


def bubble(message: Mapping[str, Any]) -> str:
    """Return a message's fragment, the same for every viewer: what depends on them is the page's matter."""
    return _template().render({"message": message})


def fragment(event: str, data: Mapping[str, Any]) -> str | None:
    """Return the fragment that goes with an event, if one does."""
    return bubble(data) if event in EVENTS else None


@cache
def _template() -> Any:
    return get_template("messages/_bubble.html")

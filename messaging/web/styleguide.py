"""/styleguide/: the components together, for developers."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

_SENDER = {"id": "ca", "username": "ada", "display_name": "Ada Byron", "avatar_url": None}
_MESSAGE: dict[str, Any] = {
    "type": "TEXT",
    "seq": 1,
    "version": 1,
    "sender": _SENDER,
    "metadata": {},
    "created_at": "2024-03-09T18:12:00Z",
}
_QUOTE = {"id": "q", "sender_id": "cb", "type": "TEXT", "content": "Does it fit on one card?", "is_deleted": False}
_BUBBLES: tuple[dict[str, Any], ...] = (
    {"content": "A plain message, with https://example.org in it."},
    {"content": "An answer.", "reply_to": _QUOTE, "edited_at": "2024-03-09T18:13:00Z"},
    {"content": "Liked.", "reactions": [{"emoji": "👍", "count": 3, "user_ids": []}]},
    {"content": "", "is_deleted": True},
)


@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in its states. For staff, and for everybody where DEBUG is on; others find nothing here."""
    if not (settings.DEBUG or request.user.is_staff):
        raise Http404
    bubbles = [{**_MESSAGE, "id": f"m{number}", **each} for number, each in enumerate(_BUBBLES)]
    return render(request, "chat/styleguide.html", {"bubbles": bubbles, "hues": range(7)})

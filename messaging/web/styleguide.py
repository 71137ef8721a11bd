"""/styleguide/: the components together, for developers."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from messaging.web.cards import card

_VIEWER = "cv"
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
_CONVERSATION: dict[str, Any] = {
    "type": "GROUP",
    "title": "Analytical engine",
    "avatar_url": None,
    "peer": None,
    "my_role": "MEMBER",
    "muted_until": None,
    "is_pinned": False,
    "is_archived": False,
    "draft": "",
    "last_seq": 9,
    "last_message": {**_MESSAGE, "id": "ml", "content": "It weaves algebraic patterns.", "encryption": None},
    "unread_count": 0,
    "unread_mention_count": 0,
}
_PEER = {**_SENDER, "online": True}
_ROWS: tuple[dict[str, Any], ...] = (
    {"unread_count": 4, "unread_mention_count": 1},
    {"type": "DM", "peer": _PEER, "is_pinned": True},
    {"type": "CHANNEL", "title": "Notes by A. A. L.", "muted_until": "forever", "unread_count": 120},
    {"title": "A draft", "draft": "The engine has no pretensions whatever"},
)


class SampleForm(forms.Form):
    """A field that is right, and one that is wrong."""

    right = forms.CharField(label="Label", help_text="What it is for.", required=False)
    wrong = forms.CharField(label="With an error")


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in its states. For staff, and for everybody where DEBUG is on; others find nothing here."""
    if not (settings.DEBUG or request.user.is_staff):
        raise Http404
    bubbles = [{**_MESSAGE, "id": f"m{number}", **each} for number, each in enumerate(_BUBBLES)]
    cards = [card({**_CONVERSATION, "id": f"c{number:024}", **each}, _VIEWER) for number, each in enumerate(_ROWS)]
    context = {"bubbles": bubbles, "cards": cards, "form": SampleForm({"right": "A value"}), "hues": range(7)}
    return render(request, "chat/styleguide.html", context)

"""The search above the list: people, conversations, messages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import representations
from accounts.models import User
from accounts.selectors.people import search_people
from accounts.web.signed_in import PageRequest, signed_in
from chat_project.core.db.cuid import is_cuid
from chat_project.core.errors import ApplicationError, TooManyRequestsError
from chat_project.core.limits import hit_search
from conversations.representations import public_conversation
from conversations.selectors.public import search_public
from messaging import representations as shown
from messaging.enums import MessageType
from messaging.search import Filters, Hit
from messaging.search_query import SearchQuery
from messaging.services.searching import search_messages
from messaging.snippets import line_of
from messaging.web import pages
from messaging.web.cards import Card, author_of
from messaging.web.frames import whole_page
from messaging.web.naming import id_of

PEOPLE = 5
MESSAGES = 30
LONGEST = 256

KINDS: Mapping[str, Any] = {
    "": gettext_lazy("All"),
    MessageType.IMAGE: gettext_lazy("Photos"),
    MessageType.VIDEO: gettext_lazy("Videos"),
    MessageType.AUDIO: gettext_lazy("Audio"),
    MessageType.FILE: gettext_lazy("Files"),
}
AGES: Mapping[str, Any] = {
    "": gettext_lazy("Any time"),
    "7": gettext_lazy("Last week"),
    "30": gettext_lazy("Last 30 days"),
    "365": gettext_lazy("Last year"),
}
# Telegram's own word for it.
_SENDER = re.compile(r"(?:^|\s)from:@?(\w+)(?=\s|$)", re.IGNORECASE)


@require_safe
@signed_in
def search(request: PageRequest) -> HttpResponse:
    """What is found: one's conversations, public ones, people."""
    query = query_of(request, longest=LONGEST)
    found = _found(request, query) if query else {}
    count = sum(len(found.get(kind, ())) for kind in ("found_cards", "found_people", "found_messages", "found_public"))
    context = {
        "query": query,
        "inside": request.GET.get("in", ""),
        "kind": request.GET.get("kind", ""),
        "age": request.GET.get("age", ""),
        "kinds": KINDS,
        "ages": AGES,
        "found_count": count,
        **found,
    }
    if request.htmx:
        return render(request, "chat/_found.html", context)
    return whole_page(request, "chat/_welcome.html", {**context, "is_search": True})


def query_of(request: PageRequest, *, longest: int) -> str:
    """Return what is looked for, cut to a length."""
    return request.GET.get("q", "").strip()[:longest]


def _found(request: PageRequest, query: str) -> dict[str, Any]:
    viewer = request.user
    words, filters = _narrowed(request, query)
    if filters is None:
        return {}
    if not words:
        return {"needs_words": True}
    if filters != Filters():
        return {"found_messages": _messages(viewer, words, filters)}
    try:
        hit_search(viewer.pk)
    except TooManyRequestsError:
        return {}
    people = search_people(viewer=viewer, query=query.removeprefix("@"), limit=PEOPLE).people
    public = search_public(viewer=viewer, query=query, limit=PEOPLE).results
    return {
        "found_cards": pages.found(viewer, query),
        "found_people": [representations.person(each) for each in people],
        "found_messages": _messages(viewer, words, filters),
        "found_public": [public_conversation(row, is_member=False) for row, is_member in public if not is_member],
    }


def _narrowed(request: PageRequest, query: str) -> tuple[str, Filters | None]:
    """Return the words, and which messages are wanted; None for those of somebody who is not there."""
    given = request.GET
    inside, kind, age = given.get("in", ""), given.get("kind", ""), given.get("age", "")
    # Whole hours: what was found is kept by what was asked for.
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    filters = Filters(
        conversation_id=inside if is_cuid(inside) else None,
        type=kind if kind in KINDS and kind else None,
        since=now - timedelta(days=int(age)) if age in AGES and age else None,
    )
    named = _SENDER.search(query)
    if named is None:
        return query, filters
    try:
        sender_id = id_of(viewer=request.user, name=named[1])
    except ApplicationError:
        return query, None
    return _SENDER.sub(" ", query).strip(), replace(filters, sender_id=sender_id)


def _messages(viewer: User, query: str, filters: Filters) -> list[dict[str, Any]]:
    """Return the messages that hold the words; none where the search is refused, which the next letter asks anew."""
    try:
        page = search_messages(viewer=viewer, q=query, filters=filters, limit=MESSAGES)
    except ApplicationError:
        return []
    cards = pages.cards_of(viewer, {hit.row.conversation_id for hit in page.results})
    if filters.conversation_id is not None:
        # All from there: whose each is says more, where that is not kept back.
        cards = {key: each for key, each in cards.items() if each.is_unsigned}
    return [_hit(viewer, hit, page.query, cards.get(hit.row.conversation_id)) for hit in page.results]


def _hit(viewer: User, hit: Hit, query: SearchQuery, card: Card | None) -> dict[str, Any]:
    """Return what is shown of a message: where it stands and whose it is; without a card whose alone."""
    message = shown.message(hit.row, hit.scope)
    snippet, places = line_of(hit.row.content, query.places(hit.row.content))
    return {
        "message": message,
        "card": card,
        "author": author_of(card.conversation, message, viewer.pk) if card and not card.is_saved else "",
        "marked": _marked(snippet, places),
    }


def _marked(snippet: str, places: Sequence[Sequence[int]]) -> SafeString:
    """Return a snippet with its matches marked; places count UTF-16 code units."""
    units = snippet.encode("utf-16-le")
    parts, end = [], 0
    for start, stop in places:
        parts += [_text(units, end, start), format_html("<mark>{}</mark>", _text(units, start, stop))]
        end = stop
    return format_html_join("", "{}", ((part,) for part in (*parts, _text(units, end, len(units)))))


def _text(units: bytes, start: int, end: int) -> str:
    return units[2 * start : 2 * end].decode("utf-16-le")

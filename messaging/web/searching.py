"""The search above the list: people, conversations, messages."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import representations
from accounts.selectors.people import search_people
from accounts.web.signed_in import PageRequest, signed_in
from conversations.representations import public_conversation
from conversations.selectors.public import search_public
from messaging.web import pages
from messaging.web.frames import whole_page

PEOPLE = 5
LONGEST = 256


@require_GET
@signed_in
def search(request: PageRequest) -> HttpResponse:
    """What is found: one's conversations, public ones, people."""
    query = request.GET.get("q", "").strip()[:LONGEST]
    found = _found(request, query) if query else {}
    context = {"query": query, "inside": request.GET.get("in", ""), **found}
    if request.htmx:
        return render(request, "chat/_found.html", context)
    return whole_page(request, "chat/_welcome.html", {**context, "is_search": True})


def _found(request: PageRequest, query: str) -> dict[str, Any]:
    viewer = request.user
    people = search_people(viewer=viewer, query=query.removeprefix("@"), limit=PEOPLE).people
    public = search_public(viewer=viewer, query=query, limit=PEOPLE).results
    return {
        "found_cards": pages.found(viewer, query),
        "found_people": [representations.person(each) for each in people],
        "found_public": [public_conversation(row, is_member=False) for row, is_member in public if not is_member],
    }

"""What the script fetches into dialogs and panels: choices, questions, lists."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.representations import person
from accounts.selectors.contacts import list_contacts
from accounts.selectors.people import Person, search_people
from accounts.web.signed_in import PageRequest, signed_in
from chat_project.core.errors import TooManyRequestsError
from chat_project.core.limits import hit_search
from conversations.selectors.members import find_members_named
from messaging import representations
from messaging.edits import list_edits
from messaging.emoji import emoji_groups
from messaging.reactors import list_reactors
from messaging.receipts import list_receipts
from messaging.web import pages
from messaging.web.searching import query_of

MENTIONED = 8
FOUND = 10
OFFERED = 30
LONGEST = 64
_DAY_SECONDS = 86_400

# As the API names them.
REASONS = (
    ("spam", _("Spam")),
    ("harassment", _("Harassment")),
    ("violence", _("Violence")),
    ("child_abuse", _("Abuse of children")),
    ("impersonation", _("Somebody pretends to be another")),
    ("copyright", _("Copyright")),
    ("other", _("Something else")),
)
QUESTIONS: Mapping[str, tuple[Any, Any, Any]] = {
    "leave": (_("Leave this conversation?"), _("You come back by an invitation, or are added again."), _("Leave")),
    "delete-conversation": (
        _("Delete this conversation?"),
        _("It goes for everybody, with all its messages and files. That can't be undone."),
        _("Delete for all"),
    ),
    "remove": (_("Remove this person?"), _("They come back by an invitation, or are added again."), _("Remove")),
    "ban": (_("Ban this person?"), _("They are removed, and can't come back as long as the ban holds."), _("Ban")),
    "transfer": (
        _("Make this person the owner?"),
        _("Everything is theirs to decide then; you stay as an admin. Only they can give it back."),
        _("Make the owner"),
    ),
    "delete": (_("Delete?"), _("It goes for everybody. That can't be undone."), _("Delete")),
}
SHORTCUTS = (
    ("Ctrl K", _("Search")),
    ("from:name", _("Only what somebody wrote, in a search")),
    ("Alt ↑ / Alt ↓", _("Conversation above, below")),
    ("↑ / ↓", _("Above, below, in the list and in what was found")),
    ("Esc", _("Close what is open")),
    ("↑", _("Edit the last message, in an empty field")),
    ("Enter", _("Send")),
    ("Shift Enter", _("New line")),
    ("@", _("Mention somebody")),
    ("↑ / ↓", _("Message above, below, in the timeline")),
    ("Enter", _("Menu of a message, in the timeline")),
    ("?", _("This list")),
)


@require_safe
@signed_in
def keys(request: PageRequest) -> HttpResponse:
    """The shortcuts."""
    return render(request, "chat/_keys.html", {"title": _("Shortcuts"), "shortcuts": SHORTCUTS})


@cache_control(public=True, max_age=_DAY_SECONDS)
@require_safe
def emoji(request: HttpRequest) -> HttpResponse:
    """Every emoji, by kind, or those whose names hold `?q=`. It is the same for all."""
    words = request.GET.get("q", "").strip().lower()[:LONGEST]
    return HttpResponse(_named_emoji(words) if words else _emoji())


@cache
def _emoji() -> bytes:
    return _named_emoji("")


def _named_emoji(words: str) -> bytes:
    found = [(sign, [(text, name) for text, name in members if words in name]) for sign, members in emoji_groups()]
    return render(None, "chat/_emoji.html", {"groups": [group for group in found if group[1]]}).content


@require_safe
@signed_in
def pick(request: PageRequest) -> HttpResponse:
    """The conversations that something can be forwarded to; `?q=` looks for some."""
    query = query_of(request, longest=LONGEST)
    found = {"title": _("Forward to"), "query": query, "cards": pages.writable(request.user, query)}
    return render(request, "chat/_pick.html", found)


@require_safe
@signed_in
def people(request: PageRequest) -> HttpResponse:
    """Whom a conversation can begin with: one's contacts, then whoever else is found by name."""
    query = query_of(request, longest=LONGEST).removeprefix("@")
    known = list_contacts(viewer=request.user, limit=pages.MAX_LIMIT).people
    found = _found(request.user, query) if query else []
    named = [
        each
        for each in known
        if each.user.username and _begins(query.lower(), each.user.username, each.user.display_name)
    ]
    people = {each.user.pk: each for each in (*named, *found)}
    shown = [person(each) for each in people.values() if each.user.pk != request.user.pk]
    return render(request, "chat/_people.html", {"people": shown[:OFFERED], "query": query})


@require_safe
@signed_in
def report(request: PageRequest) -> HttpResponse:
    """The form of a report; what is reported stands in the address, and the API judges it."""
    given = {name: request.GET.get(name, "") for name in ("message", "user", "conversation")}
    target = next((name for name in given if given[name]), None)
    if target is None:
        raise Http404
    fields = {"target_type": target.upper()}
    if target == "user":
        fields["user_id"] = given["user"]
    else:
        fields["conversation_id"] = given["conversation"]
    if target == "message":
        fields["message_id"] = given["message"]
    return render(request, "chat/_report.html", {"title": _("Report"), "fields": fields, "reasons": REASONS})


@require_safe
@signed_in
def ask(request: PageRequest, what: str) -> HttpResponse:
    """The question before something that can't be undone."""
    if what not in QUESTIONS:
        raise Http404
    title, words, action = QUESTIONS[what]
    count = request.GET.get("count", "")
    if what == "delete" and count.isdigit():
        number = int(count)
        title = ngettext("Delete this message?", "Delete %(count)d messages?", number) % {"count": number}
    return render(request, "chat/_ask.html", {"title": title, "words": words, "action": action})


@require_safe
@signed_in
def readers(request: PageRequest, conversation_id: str, message_id: str) -> HttpResponse:
    """Who has read a message, and whom it reached."""
    page = list_receipts(
        viewer=request.user,
        conversation_id=conversation_id,
        message_id=message_id,
        limit=pages.MAX_LIMIT,
        cursor=request.GET.get("cursor"),
    )
    # A person's DELIVERED comes before their READ, which says more.
    receipts = {row.person.user.pk: representations.receipt(row) for row in page.results}
    return render(
        request, "chat/_readers.html", {"title": _("Read by"), "receipts": receipts.values(), "next": page.next}
    )


@require_safe
@signed_in
def reactions(request: PageRequest, conversation_id: str, message_id: str) -> HttpResponse:
    """Who reacted to a message, and how; in a channel, for those who run it."""
    page = list_reactors(
        viewer=request.user,
        conversation_id=conversation_id,
        message_id=message_id,
        limit=pages.MAX_LIMIT,
        cursor=request.GET.get("cursor"),
    )
    given = [representations.reactor(row) for row in page.results]
    return render(request, "chat/_reactions.html", {"title": _("Reactions"), "given": given, "next": page.next})


@require_safe
@signed_in
def edits(request: PageRequest, conversation_id: str, message_id: str) -> HttpResponse:
    """The texts of a message before its edits, the first one first."""
    page = list_edits(
        viewer=request.user,
        conversation_id=conversation_id,
        message_id=message_id,
        limit=pages.MAX_LIMIT,
        cursor=request.GET.get("cursor"),
    )
    return render(request, "chat/_edits.html", {"title": _("Earlier texts"), "edits": page.results, "next": page.next})


@require_safe
@signed_in
def mentions(request: PageRequest, conversation_id: str) -> HttpResponse:
    """The members whose names begin as what stands after an @."""
    begun = query_of(request, longest=LONGEST)
    named = find_members_named(viewer=request.user, conversation_id=conversation_id, beginning=begun, limit=MENTIONED)
    return render(request, "chat/_mentions.html", {"people": [person(each.person) for each in named]})


def _found(viewer: User, query: str) -> list[Person]:
    """Return people whose names begin so; nobody where that is asked too often."""
    try:
        hit_search(viewer.pk)
    except TooManyRequestsError:
        return []
    return search_people(viewer=viewer, query=query, limit=FOUND).people


def _begins(begun: str, username: str, display_name: str) -> bool:
    return any(word.startswith(begun) for word in (username, *display_name.lower().split()))

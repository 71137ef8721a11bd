"""Contacts and the requests for them, and a person's card."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import representations
from accounts.errors import ContactRequestNotFoundError, PersonNotFoundError
from accounts.models import ContactRequest, User
from accounts.selectors.contacts import count_received, find_received, find_sent, list_contacts, list_requests
from accounts.selectors.people import get_people, get_person
from accounts.services.contacts import accept_request, decline_request, request_contact, withdraw_request
from accounts.services.lookups import find_person
from accounts.web.browser import own_path, way_back
from accounts.web.people_forms import ContactForm
from accounts.web.signed_in import PageRequest, signed_in
from chat_project.core.api.pagination import DEFAULT_LIMIT
from chat_project.core.errors import ApplicationError, NotFoundError
from conversations.services import open_dm, pairs

# Requests are few; who gets many answers the newest first, and then sees the next.
REQUESTS_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def contacts(request: PageRequest) -> HttpResponse:
    """One's contacts, the requests that wait, and a form to ask somebody."""
    form = ContactForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _row, is_new = request_contact(sender=request.user, **form.cleaned_data)
        except PersonNotFoundError:
            form.add_error("username", _("There is nobody of this name."))
        except ApplicationError as error:
            form.refuse(error)
        else:
            said = _("Your request is sent.") if is_new else _("You are contacts now: they had asked you too.")
            messages.success(request, said)
            return HttpResponseRedirect(reverse("contacts"))
    page = list_contacts(viewer=request.user, limit=DEFAULT_LIMIT, cursor=request.GET.get("cursor"))
    context = {
        "people": [_shown(representations.person(each)) for each in page.people],
        "next": page.next,
        "received": _requests(request.user, "in"),
        "sent": _requests(request.user, "out"),
        "form": form,
        "is_first": "cursor" not in request.GET,
        "back": way_back(request),
    }
    return render(request, "people/contacts.html", context, status=400 if form.errors else 200)


@require_safe
@signed_in
def waiting(request: PageRequest) -> HttpResponse:
    """How many requests wait for an answer: a number to stand beside the way to them, or nothing."""
    return HttpResponse(count_received(viewer=request.user) or "", content_type="text/plain")


@require_safe
@signed_in
def card(request: PageRequest, reference: str) -> HttpResponse:
    """Somebody, as far as the viewer may know them, and what they may do with them."""
    person = find_person(viewer=request.user, reference=reference)
    is_me = person.user.pk == request.user.pk
    context = {
        "who": _shown(representations.person(person)),
        "is_me": is_me,
        "received": None if is_me else find_received(viewer=request.user, user_id=person.user.pk),
        "sent": None if is_me else find_sent(viewer=request.user, user_id=person.user.pk),
        "back": way_back(request),
    }
    return render(request, "people/card.html", context)


@require_POST
@signed_in
def act(request: PageRequest, user_id: str, action: str) -> HttpResponse:
    """Do something with a person, and go back to where one came from."""
    if action not in ACTIONS:
        raise Http404
    way_back = own_path(request.POST.get("next")) if "next" in request.POST else reverse("person", args=[user_id])
    try:
        return HttpResponseRedirect(ACTIONS[action](request, user_id) or way_back)
    except NotFoundError as error:
        if not get_people(viewer=request.user, user_ids=[user_id]):
            raise Http404 from None
        messages.error(request, error.detail)
    except ApplicationError as error:
        messages.error(request, next(iter(error.errors.values()))[0] if error.errors else error.detail)
    return HttpResponseRedirect(way_back)


def _write(request: PageRequest, user_id: str) -> str:
    conversation_id, _is_new = open_dm(creator=request.user, user_id=user_id)
    return reverse("conversation", args=[conversation_id])


def _ask(request: PageRequest, user_id: str) -> None:
    username = get_person(viewer=request.user, reference=user_id).user.username or ""
    _row, is_new = request_contact(sender=request.user, username=username)
    messages.success(request, _("Your request is sent.") if is_new else _("You are contacts now."))


def _accept(request: PageRequest, user_id: str) -> None:
    accept_request(user=request.user, request_id=_found(find_received(viewer=request.user, user_id=user_id)))
    messages.success(request, _("You are contacts now."))


def _decline(request: PageRequest, user_id: str) -> None:
    decline_request(user=request.user, request_id=_found(find_received(viewer=request.user, user_id=user_id)))


def _withdraw(request: PageRequest, user_id: str) -> None:
    withdraw_request(user=request.user, request_id=_found(find_sent(viewer=request.user, user_id=user_id)))


def _end(request: PageRequest, user_id: str) -> None:
    pairs.end_contact(user=request.user, user_id=user_id)


def _block(request: PageRequest, user_id: str) -> None:
    pairs.block_person(blocker=request.user, user_id=user_id)
    messages.success(request, _("Blocked. They are not told."))


def _unblock(request: PageRequest, user_id: str) -> None:
    pairs.unblock_person(blocker=request.user, user_id=user_id)
    messages.success(request, _("No longer blocked."))


ACTIONS: Mapping[str, Callable[[PageRequest, str], str | None]] = {
    "write": _write,
    "ask": _ask,
    "accept": _accept,
    "decline": _decline,
    "withdraw": _withdraw,
    "end": _end,
    "block": _block,
    "unblock": _unblock,
}


def _found(row: ContactRequest | None) -> str:
    if row is None:
        raise ContactRequestNotFoundError
    return row.pk


def _requests(viewer: User, direction: str) -> list[dict[str, Any]]:
    """Return the requests that wait, each with the other person."""
    page = list_requests(viewer=viewer, direction=direction, limit=REQUESTS_SHOWN)
    others = [row.from_user_id if direction == "in" else row.to_user_id for row in page.requests]
    return [
        {"who": _shown(representations.person(page.people[other])), "message": row.message}
        for row, other in zip(page.requests, others, strict=True)
    ]


def _shown(person: dict[str, Any]) -> dict[str, Any]:
    """Return a User for a template, the time as one."""
    at = person["last_seen_at"]
    return {**person, "last_seen_at": parse_datetime(at) if at else None}

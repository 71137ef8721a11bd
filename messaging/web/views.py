"""The pages of the chat, and the parts of them that the browser fetches by itself."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseLocation

from accounts.web.signed_in import PageRequest, signed_in
from attachments.services.uploading import upload_file
from chat_project.core.errors import ApplicationError, InvalidError
from messaging.drafts import ATTACHMENTS_MAX, Outgoing
from messaging.selectors import HistoryQuery
from messaging.services import send_message
from messaging.services.pace import require_pace
from messaging.web import pages
from messaging.web.forms import FORMS
from messaging.web.frames import whole_page
from messaging.web.naming import not_added


@require_safe
@signed_in
def home(request: PageRequest) -> HttpResponse:
    """The list, with nothing open."""
    return whole_page(request, "chat/_welcome.html", pages.welcome(request.user) if request.htmx else None)


@require_safe
@signed_in
def conversation(request: PageRequest, conversation_id: str) -> HttpResponse:
    """An open conversation; `?newest` opens it at its end, `?at=` where its reader stood."""
    pane = pages.pane(request.user, conversation_id, at_end="newest" in request.GET, at=request.GET.get("at"))
    return whole_page(request, "chat/_pane.html", pane)


@require_safe
@signed_in
def message(request: PageRequest, conversation_id: str, message_id: str) -> HttpResponse:
    """An open conversation, at one of its messages."""
    return whole_page(request, "chat/_pane.html", pages.pane(request.user, conversation_id, message_id=message_id))


@require_safe
@signed_in
def history(request: PageRequest, conversation_id: str) -> HttpResponse:
    """A further part of a history: by a cursor, or before or after a message."""
    given = request.GET
    query = HistoryQuery(before=given.get("before"), after=given.get("after"))
    cursor = given.get("cursor", "" if query == HistoryQuery() else None)
    part = pages.history(request.user, conversation_id, cursor=cursor, query=query)
    return render(request, "messages/_history.html", part)


@require_safe
@signed_in
def rows(request: PageRequest) -> HttpResponse:
    """A part of the conversation list; whoever asks for a page gets the whole chat, with that folder open."""
    if not request.htmx:
        return redirect(f"{reverse('home')}?{urlencode({'folder': request.GET.get('folder', 'all')})}")
    listed = pages.rows(request.user, folder=request.GET.get("folder", "all"), cursor=request.GET.get("cursor"))
    return render(request, "chat/_rows.html", {"cards": listed.cards, "more": listed.more})


@require_safe
@signed_in
def row(request: PageRequest, conversation_id: str) -> HttpResponse:
    """One row of the list."""
    card = pages.row(request.user, conversation_id, folder=request.GET.get("folder", "all"))
    return HttpResponse(status=204) if card is None else render(request, "chat/_row.html", {"card": card})


@require_safe
@signed_in
def header(request: PageRequest, conversation_id: str) -> HttpResponse:
    """What stands above an open conversation."""
    return render(request, "chat/_pane_header.html", pages.heading(request.user, conversation_id))


@require_POST
@signed_in
def send(request: PageRequest, conversation_id: str) -> HttpResponse:
    """Send a message without a script: the form comes back with what was wrong, or the conversation at its end."""
    viewer = request.user
    content = request.POST.get("content", "").replace("\r\n", "\n")
    try:
        require_pace(viewer.pk)
        uploads = _uploaded(request, conversation_id)
        outgoing = Outgoing.checked(content=content, attachment_ids=uploads)
        send_message(sender=viewer, conversation_id=conversation_id, outgoing=outgoing)
    except ApplicationError as error:
        pane = pages.pane(viewer, conversation_id, at_end=True)
        return whole_page(
            request, "chat/_pane.html", {**pane, "content": content, "form_error": _words(error)}, status=error.status
        )
    return HttpResponseRedirect(f"{reverse('conversation', args=[conversation_id])}?newest#newest")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: PageRequest, kind: str = "message") -> HttpResponse:
    """Begin a conversation: with a person, in a group, in a channel."""
    form = FORMS[kind](request.POST or None, request.FILES or None, creator=request.user)
    if request.method == "POST" and form.is_valid():
        conversation_id = form.create()
        if conversation_id is not None:
            if form.left_out:
                messages.warning(request, not_added(form.left_out))
                return _to_members(request, conversation_id)
            return _to_conversation(request, conversation_id)
    tabs = [{"kind": each, "label": FORMS[each].tab, "address": _address_of_new(each)} for each in FORMS]
    return whole_page(
        request, "chat/_new.html", {"form": form, "kind": kind, "tabs": tabs, "address": _address_of_new(kind)}
    )


def _address_of_new(kind: str) -> str:
    return reverse("new") if kind == "message" else reverse("new", args=[kind])


def _to_conversation(request: PageRequest, conversation_id: str) -> HttpResponse:
    if request.htmx:
        return HttpResponseLocation(reverse("conversation", args=[conversation_id]), target="#conversation")
    return redirect("conversation", conversation_id)


def _to_members(request: PageRequest, conversation_id: str) -> HttpResponse:
    address = reverse("info-part", args=[conversation_id, "members"])
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)


def _uploaded(request: PageRequest, conversation_id: str) -> list[str]:
    """Return the ids of a form's files, which are uploads from then on.

    Raises InvalidError, and what `upload_file` does.
    """
    files = request.FILES.getlist("files")
    if len(files) > ATTACHMENTS_MAX:
        raise InvalidError.of("files", gettext("Ten files at most go with a message."))
    uploads = (
        upload_file(
            uploader=request.user,
            conversation_id=conversation_id,
            file=file,
            file_name=file.name or "",
            size=file.size or 0,
        )
        for file in files
    )
    return [upload.id for upload in uploads]


def _words(error: ApplicationError) -> str:
    return " ".join(message for messages in error.errors.values() for message in messages) or error.detail

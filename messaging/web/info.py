"""What is to know of a conversation and done with it: the pane at the right, and the page of an invite."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import push_url

from accounts.models import User
from accounts.web.signed_in import PageRequest, signed_in
from chat_project.core.errors import ApplicationError, InvalidError
from conversations import policies, services
from conversations import representations as shown
from conversations.enums import ConversationType, Role
from conversations.errors import InviteInvalidError
from conversations.policies import Capability
from conversations.selectors.invites import list_invites, list_join_requests, preview_invite
from conversations.selectors.members import list_members
from conversations.selectors.memberships import get_membership
from conversations.services.members import USER_IDS_MAX
from messaging import representations
from messaging.enums import MessageType
from messaging.selectors import HistoryQuery, list_messages
from messaging.web import editing, pages, rights
from messaging.web.frames import whole_page
from messaging.web.naming import id_of, names_in, not_added

MEDIA = {
    "images": MessageType.IMAGE,
    "videos": MessageType.VIDEO,
    "audio": MessageType.AUDIO,
    "files": MessageType.FILE,
}
PARTS = ("members", "rights", "media", "edit", "invites")
_FOREVER = shown.FOREVER


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def info(request: PageRequest, conversation_id: str) -> HttpResponse:
    """The pane, at its first part; a POST does what its button says."""
    return _answer(request, conversation_id, "members")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def part(request: PageRequest, conversation_id: str, part: str) -> HttpResponse:
    """Another part of the pane: who is in, the files, the settings, the ways in."""
    if part not in PARTS:
        raise Http404
    return _answer(request, conversation_id, part)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def join(request: PageRequest, code: str) -> HttpResponse:
    """What an invite leads to, and the button that takes one there."""
    if request.method == "POST":
        conversation_id, is_in = services.join_by_invite(user=request.user, code=code)
        if is_in:
            return redirect("conversation", conversation_id)
        # The link may have been good for this once.
        messages.success(request, _("You have asked to join. Somebody who runs it decides."))
        return redirect("home")
    try:
        preview = preview_invite(viewer=request.user, code=code)
    except InviteInvalidError:
        return render(request, "chat/join_ended.html", status=404)
    # Of the colour that it has in the list.
    context = {"invite": shown.invite_preview(preview), "avatar_of": preview.conversation.pk}
    return render(request, "chat/join.html", context)


@require_POST
@signed_in
def join_public(request: PageRequest, conversation_id: str) -> HttpResponse:
    """Join what has a public name."""
    if services.join_public(user=request.user, conversation_id=conversation_id):
        return redirect("conversation", conversation_id)
    messages.success(request, _("You have asked to join. Somebody who runs it decides."))
    return redirect("home")


def _answer(request: PageRequest, conversation_id: str, part: str) -> HttpResponse:
    refusal, status = "", 200
    if request.method == "POST":
        try:
            _act(request, conversation_id)
        except ApplicationError as error:
            if error.status == 404 and not error.errors:
                raise
            refusal = " ".join(said for each in error.errors.values() for said in each) or error.detail
            status = error.status
        else:
            if not request.htmx:
                return HttpResponseRedirect(request.get_full_path())
    context = {**_context(request, conversation_id, part), "refusal": refusal}
    # Who goes back to an address of the pane gets the conversation: htmx puts it into the middle.
    if request.htmx and not request.htmx.history_restore_request:
        # htmx shows what is wrong like what went well. What it boosts becomes a step back, whatever hx-push-url says.
        return push_url(render(request, "chat/_info.html", context), False)
    pane = pages.pane(request.user, conversation_id)
    return whole_page(request, "chat/_pane.html", {**pane, **context, "side": "chat/_info.html"}, status=status)


def _context(request: PageRequest, conversation_id: str, part: str) -> dict[str, Any]:
    viewer = request.user
    card = pages.heading(viewer, conversation_id)["card"]
    conversation = card.conversation
    if part == "members" and conversation["type"] == ConversationType.DM:
        part = "media"
    mine = conversation["my_permissions"]
    if (part == "edit" and not mine["change_info"]) or (part == "invites" and not mine["manage_invites"]):
        part = "members"
    context: dict[str, Any] = {"card": card, "c": conversation, "part": part}
    return context | _PARTS[part](request, viewer, conversation)


def _members(request: PageRequest, viewer: User, conversation: Mapping[str, Any]) -> dict[str, Any]:
    page = list_members(viewer=viewer, conversation_id=conversation["id"], cursor=request.GET.get("cursor"))
    members = [shown.member(each.row, each.person, shows_reading=False) for each in page.results]
    membership = get_membership(viewer_id=viewer.pk, conversation_id=conversation["id"])
    for member in members:
        role = Role(member["role"])
        member["is_managed"] = rights.is_managed(membership, role)
        member["roles"] = rights.roles_offered(membership, role)
        member["is_silent"] = member["permissions"].get("send_messages") is False
        member["is_restricted"] = False in member["permissions"].values()
    may_transfer = policies.may(membership, Capability.TRANSFER)
    context: dict[str, Any] = {"members": members, "next": page.next, "may_transfer": may_transfer}
    if conversation["my_permissions"]["manage_members"]:
        banned = list_members(viewer=viewer, conversation_id=conversation["id"], banned=True).results
        waiting = list_join_requests(viewer=viewer, conversation_id=conversation["id"], limit=50, cursor=None).results
        context["banned"] = [shown.member(each.row, each.person, shows_reading=False) for each in banned]
        context["requests"] = [shown.join_request(row, person) for row, person in waiting]
    return context


def _rights(request: PageRequest, viewer: User, conversation: Mapping[str, Any]) -> dict[str, Any]:
    return rights.form_of(viewer=viewer, conversation_id=conversation["id"], user_id=request.GET.get("user", ""))


def _media(request: PageRequest, viewer: User, conversation: Mapping[str, Any]) -> dict[str, Any]:
    kind = request.GET.get("type", "images")
    query = HistoryQuery(type=MEDIA.get(kind, MessageType.IMAGE))
    page = list_messages(viewer=viewer, conversation_id=conversation["id"], query=query)
    kinds = {"images": _("Photos"), "videos": _("Videos"), "audio": _("Audio"), "files": _("Files")}
    return {"media": [representations.message(row, page.scope) for row in page.results], "kind": kind, "kinds": kinds}


def _edit(_request: PageRequest, _viewer: User, conversation: Mapping[str, Any]) -> dict[str, Any]:
    return editing.form_of(conversation)


def _invites(_request: PageRequest, viewer: User, conversation: Mapping[str, Any]) -> dict[str, Any]:
    page = list_invites(viewer=viewer, conversation_id=conversation["id"], limit=50, cursor=None)
    return {"invites": [shown.invite(row) for row in page.results]}


_PARTS: Mapping[str, Callable[[PageRequest, User, Mapping[str, Any]], dict[str, Any]]] = {
    "members": _members,
    "rights": _rights,
    "media": _media,
    "edit": _edit,
    "invites": _invites,
}


def _act(request: PageRequest, conversation_id: str) -> None:
    """Do what the button of a form says. Raises what the services raise."""
    actor, given = request.user, request.POST
    what, _colon, how = given.get("do", "").partition(":")
    at: dict[str, Any] = {"actor": actor, "conversation_id": conversation_id}
    who: dict[str, Any] = {**at, "user_id": given.get("user", "")}
    deeds: Mapping[str, Callable[[], object]] = {
        "add": lambda: _add(given.get("usernames", ""), **at),
        "remove": lambda: services.remove_member(**who),
        "ban": lambda: services.update_member(**who, changes={"banned_until": _in_days(how) or _FOREVER}),
        "unban": lambda: services.lift_ban(**who),
        "restrict": lambda: rights.silence(**who),
        "unrestrict": lambda: rights.unsilence(**who),
        "rights": lambda: rights.save(**who, given=given, end=_in_days(given.get("end", ""))),
        "role": lambda: services.update_member(**who, changes={"role": how}),
        "transfer": lambda: services.transfer_ownership(
            owner=actor, conversation_id=conversation_id, user_id=who["user_id"]
        ),
        "approve": lambda: services.approve_join_request(**who),
        "decline": lambda: services.decline_join_request(**who),
        "invite": lambda: services.create_invite(**at, **_invite_of(given)),
        "revoke": lambda: services.revoke_invite(**at, code=given.get("code", "")),
        "save": lambda: _save(request, at),
        "remove-picture": lambda: services.remove_picture(**at),
        "archive": lambda: services.set_archived(**at, archived=True),
        "unarchive": lambda: services.set_archived(**at, archived=False),
        "leave": lambda: services.leave_conversation(member=actor, conversation_id=conversation_id),
    }
    deed = deeds.get(what)
    if deed is None or (what == "role" and how not in Role.values):
        raise Http404
    deed()


def _add(usernames: str, *, actor: User, conversation_id: str) -> None:
    """Add people by their names. Raises InvalidError, which names them, where some were not to be added."""
    names = {id_of(viewer=actor, name=name): name for name in names_in(usernames)[: USER_IDS_MAX + 1]}
    _added, left_out = services.add_members(actor=actor, conversation_id=conversation_id, user_ids=list(names))
    if left_out:
        raise InvalidError(not_added(names[user_id] for user_id in left_out))


def _invite_of(given: QueryDict) -> dict[str, Any]:
    uses = given.get("uses", "")
    return {
        "expires_at": _in_days(given.get("days", "")),
        "max_uses": int(uses) if uses.isdigit() and len(uses) < 6 and int(uses) else None,
        "requires_approval": "approval" in given,
    }


def _in_days(days: str) -> datetime | None:
    return datetime.now(UTC) + timedelta(days=int(days)) if days in ("1", "7", "30") else None


def _save(request: PageRequest, at: dict[str, Any]) -> None:
    services.update_conversation(**at, changes=editing.changes_of(request.POST))
    picture = request.FILES.get("picture")
    if picture is not None:
        services.change_picture(**at, file=picture, size=picture.size or 0)

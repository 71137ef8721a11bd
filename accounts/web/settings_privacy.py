"""Who sees what, and who may reach one: /settings/privacy, a page for each key, and whom one has blocked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import representations
from accounts.errors import PersonNotFoundError
from accounts.models import User
from accounts.privacy import EXCEPTION_LISTS, SWITCH_KEYS
from accounts.selectors.contacts import list_blocks
from accounts.selectors.people import get_people
from accounts.services.lookups import look_up
from accounts.services.privacy import update_privacy
from accounts.web.people_forms import AudienceForm, BlockForm, ExceptionForm, SwitchesForm
from accounts.web.settings_pages import render_settings
from accounts.web.signed_in import PageRequest, signed_in
from chat_project.core.api.pagination import DEFAULT_LIMIT
from chat_project.core.errors import ApplicationError
from conversations.services import pairs


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the privacy settings: what it is called, and what it means."""

    name: str
    title: Promise
    meaning: Promise


KEYS = {
    key.name: key
    for key in (
        Key(
            "last_seen",
            gettext_lazy("Last seen and online"),
            gettext_lazy(
                "Who sees that you are online, and when you were last here. From whom you hide it, you don't "
                "see theirs either: both of you see no more than “recently”."
            ),
        ),
        Key(
            "profile_photo",
            gettext_lazy("Profile photo"),
            gettext_lazy("Who sees your picture; the others see your initials."),
        ),
        Key("phone", gettext_lazy("Phone number"), gettext_lazy("Who sees your phone number on your card.")),
        Key("email", gettext_lazy("E-mail address"), gettext_lazy("Who sees your e-mail address on your card.")),
        Key(
            "direct_messages",
            gettext_lazy("Messages"),
            gettext_lazy("Who may begin to write to you. Conversations in which both of you have written go on."),
        ),
        Key(
            "group_invites",
            gettext_lazy("Groups and channels"),
            gettext_lazy("Who may add you to groups and channels."),
        ),
        Key(
            "forwards",
            gettext_lazy("Forwarded messages"),
            gettext_lazy("Under whose forwards of your messages your name stands."),
        ),
    )
}
AUDIENCE_TITLES = {
    "everybody": gettext_lazy("Everybody"),
    "contacts": gettext_lazy("My contacts"),
    "nobody": gettext_lazy("Nobody"),
}
LIST_TITLES = {"always": gettext_lazy("Always"), "never": gettext_lazy("Never")}
LIST_MEANINGS = {
    "always": gettext_lazy("These people may, whatever is chosen above."),
    "never": gettext_lazy("These people may not. It beats everything else."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def privacy(request: PageRequest) -> HttpResponse:
    """All keys with what is chosen, and the switches."""
    settings = representations.privacy(request.user.privacy_settings)
    if request.method == "POST":
        form = SwitchesForm(request.POST)
        if form.is_valid():
            update_privacy(user=request.user, changes=form.cleaned_data)
            messages.success(request, _("Your privacy settings are saved."))
            return HttpResponseRedirect(reverse("settings-privacy"))
    else:
        form = SwitchesForm(initial={name: settings[name] for name in SWITCH_KEYS})
    rows = [(key, AUDIENCE_TITLES[settings[key.name]], _exceptions_of(settings, key.name)) for key in KEYS.values()]
    return render_settings(request, "settings/privacy.html", {"rows": rows, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def privacy_key(request: PageRequest, name: str) -> HttpResponse:
    """One key: who may, and for whom it holds otherwise."""
    key = KEYS.get(name)
    if key is None:
        raise Http404
    form = ExceptionForm()
    if request.method == "POST":
        form = ExceptionForm(request.POST)
        try:
            if _change(request, name, form):
                return HttpResponseRedirect(reverse("settings-privacy-key", args=[name]))
        except PersonNotFoundError:
            form.add_error("username", _("There is nobody of this name."))
        except ApplicationError as error:
            form.refuse(error)
    settings = representations.privacy(request.user.privacy_settings)
    context = {
        "here": "settings-privacy",
        "title": key.title,
        "key": key,
        "audience": settings[name],
        "audiences": AUDIENCE_TITLES.items(),
        "lists": _lists(request.user, settings["exceptions"].get(name, {}), form),
    }
    return render_settings(request, "settings/privacy_key.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def blocked(request: PageRequest) -> HttpResponse:
    """Whom one has blocked."""
    form = BlockForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            person = look_up(viewer=request.user, username=form.cleaned_data["username"]).user
            pairs.block_person(blocker=request.user, user_id=person.pk, reason=form.cleaned_data["reason"])
        except PersonNotFoundError:
            form.add_error("username", _("There is nobody of this name."))
        except ApplicationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("%(name)s is blocked.") % {"name": person.display_name})
            return HttpResponseRedirect(reverse("settings-blocked"))
    page = list_blocks(viewer=request.user, limit=DEFAULT_LIMIT, cursor=request.GET.get("cursor"))
    context = {
        "here": "settings-privacy",
        "title": _("Blocked people"),
        "blocks": [representations.block(*each) for each in page.blocks],
        "next": page.next,
        "form": form,
    }
    return render_settings(request, "settings/blocked.html", context, status=400 if form.errors else 200)


def _change(request: PageRequest, name: str, form: ExceptionForm) -> bool:
    """Carry out what one of the page's forms says; tell whether it was one. Raises what services do."""
    user, sent = request.user, request.POST
    lists = representations.privacy(user.privacy_settings)["exceptions"].get(name, {})
    audience = AudienceForm(sent)
    if audience.is_valid():
        update_privacy(user=user, changes={name: audience.cleaned_data["audience"]})
        messages.success(request, _("Your privacy settings are saved."))
        return True
    if (list_name := sent.get("remove_from")) in EXCEPTION_LISTS:
        left = [user_id for user_id in lists.get(list_name, []) if user_id != sent.get("user_id")]
        update_privacy(user=user, changes={"exceptions": {name: {list_name: left}}})
        return True
    if not form.is_valid():
        return False
    person = look_up(viewer=user, username=form.cleaned_data["username"]).user
    list_name = form.cleaned_data["list"]
    update_privacy(user=user, changes={"exceptions": {name: {list_name: [*lists.get(list_name, []), person.pk]}}})
    return True


def _lists(user: User, lists: Mapping[str, list[str]], form: ExceptionForm) -> list[dict[str, Any]]:
    """Return the two lists of exceptions with their people; the form that was refused stands under its own."""
    people = get_people(viewer=user, user_ids={user_id for ids in lists.values() for user_id in ids})
    return [
        {
            "name": name,
            "title": LIST_TITLES[name],
            "meaning": LIST_MEANINGS[name],
            "people": [representations.person(people[user_id]) for user_id in lists.get(name, []) if user_id in people],
            "form": form if form.data.get("list") == name else ExceptionForm(),
        }
        for name in EXCEPTION_LISTS
    ]


def _exceptions_of(settings: Mapping[str, Any], name: str) -> int:
    return sum(len(ids) for ids in settings["exceptions"].get(name, {}).values())

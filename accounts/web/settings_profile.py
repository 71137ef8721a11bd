"""What people say of themselves: /settings/profile."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.services.avatars import change_avatar, remove_avatar
from accounts.services.profile import update_me
from accounts.web.forms import AvatarForm, ProfileForm
from accounts.web.settings_pages import render_settings
from accounts.web.signed_in import PageRequest, signed_in
from chat_project.core.errors import ApplicationError


@require_safe
@signed_in
def index(request: PageRequest) -> HttpResponse:
    """The navigation, which on a phone stands alone; beside it where there is room, the profile."""
    shown = {
        "form": _filled_in(request.user),
        "avatar_form": AvatarForm(),
        "here": "settings-profile",
        "is_index": True,
    }
    return render_settings(request, "settings/profile.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profile(request: PageRequest) -> HttpResponse:
    """Name, username, bio and phone."""
    if request.method != "POST":
        return _page(request, _filled_in(request.user), AvatarForm())
    form = ProfileForm(request.POST)
    status = 400
    if form.is_valid():
        try:
            update_me(user=request.user, changes=form.cleaned_data)
        except ApplicationError as error:
            form.refuse(error)
            status = error.status
        else:
            messages.success(request, _("Your profile is saved."))
            return HttpResponseRedirect(reverse("settings-profile"))
    return _page(request, form, AvatarForm(), status=status)


@require_POST
@signed_in
def avatar(request: PageRequest) -> HttpResponse:
    """Take in another picture, or take it away."""
    form = AvatarForm(request.POST, request.FILES)
    if "remove" in request.POST:
        remove_avatar(user=request.user)
        messages.success(request, _("Your picture is removed."))
        return HttpResponseRedirect(reverse("settings-profile"))
    status = 400
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            change_avatar(user=request.user, file=file, size=file.size)
        except ApplicationError as error:
            form.refuse(error)
            status = error.status
        else:
            messages.success(request, _("Your picture is changed."))
            return HttpResponseRedirect(reverse("settings-profile"))
    return _page(request, _filled_in(request.user), form, status=status)


def _page(request: PageRequest, form: ProfileForm, avatar_form: AvatarForm, status: int = 200) -> HttpResponse:
    shown = {"form": form, "avatar_form": avatar_form, "here": "settings-profile"}
    return render_settings(request, "settings/profile.html", shown, status=status)


def _filled_in(user: User) -> ProfileForm:
    return ProfileForm(initial={field: getattr(user, field) for field in ProfileForm.base_fields})

"""What people say of themselves: /settings/profile."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from accounts.services.profile import update_me
from accounts.web.forms import ProfileForm
from accounts.web.settings_pages import render_settings
from accounts.web.signed_in import PageRequest, signed_in
from chat_project.core.errors import InvalidError


@require_GET
@signed_in
def index(request: PageRequest) -> HttpResponse:
    """The navigation, which on a phone stands alone; beside it where there is room, the profile."""
    shown = {"form": _filled_in(request.user), "here": "settings-profile", "is_index": True}
    return render_settings(request, "settings/profile.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profile(request: PageRequest) -> HttpResponse:
    """Name, username, bio and phone."""
    if request.method != "POST":
        return render_settings(request, "settings/profile.html", {"form": _filled_in(request.user)})
    form = ProfileForm(request.POST)
    if form.is_valid():
        try:
            update_me(user=request.user, changes=form.cleaned_data)
        except InvalidError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Your profile is saved."))
            return HttpResponseRedirect(reverse("settings-profile"))
    return render_settings(request, "settings/profile.html", {"form": form}, status=400)


def _filled_in(user: User) -> ProfileForm:
    return ProfileForm(initial={field: getattr(user, field) for field in ProfileForm.base_fields})

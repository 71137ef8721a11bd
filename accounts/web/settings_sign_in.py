"""What somebody signs in with: /settings/sign-in, the address of mail and the password."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.selectors.emails import get_pending_email
from accounts.services.authentication import authenticate_browser
from accounts.services.email_verification import change_email, resend_own_verification
from accounts.services.passwords import change_password
from accounts.web.browser import note_password
from accounts.web.forms import AccountForm
from accounts.web.recovery_forms import ChangeEmailForm, ChangePasswordForm
from accounts.web.settings_pages import render_settings
from accounts.web.signed_in import PageRequest, signed_in
from chat_project.core.errors import InvalidError, NotAuthenticatedError, TooManyRequestsError


@require_safe
@signed_in
def index(request: PageRequest) -> HttpResponse:
    """The present address, and the forms that change it and the password."""
    return _page(request)


@sensitive_post_parameters("password")
@require_POST
@signed_in
def email(request: PageRequest) -> HttpResponse:
    """Ask for another address."""

    def change(**given: str) -> str:
        change_email(user=request.user, **given)
        note_password(request)
        return _("A link is on its way to the new address, which is yours once you open it.")

    return _answer(request, "email_form", ChangeEmailForm(request.POST, auto_id="email_%s"), change)


@require_POST
@signed_in
def link(request: PageRequest) -> HttpResponse:
    """Send the link that proves the address once more."""

    def resend() -> str:
        resend_own_verification(user_id=request.user.pk)
        return _("A link is on its way.")

    return _answer(request, "link_form", AccountForm(request.POST), resend)


@sensitive_post_parameters("current", "password")
@require_POST
@signed_in
def password(request: PageRequest) -> HttpResponse:
    """Change the password; this browser stays signed in."""

    def change(**given: str) -> str:
        identity = authenticate_browser(request.session)
        if identity is None:
            raise NotAuthenticatedError
        change_password(user=request.user, identity=identity, **given)
        note_password(request)
        return _("Your password is changed, and your other devices are signed out.")

    return _answer(request, "password_form", ChangePasswordForm(request.POST, auto_id="password_%s"), change)


def _answer(request: PageRequest, name: str, form: AccountForm, change: Callable[..., str]) -> HttpResponse:
    status = InvalidError.status
    if form.is_valid():
        try:
            messages.success(request, change(**form.cleaned_data))
        except (InvalidError, TooManyRequestsError) as error:
            form.refuse(error)
            status = error.status
        else:
            return HttpResponseRedirect(reverse("settings-sign-in"))
    return _page(request, status=status, **{name: form})


def _page(request: PageRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    pending = get_pending_email(user_id=request.user.pk)
    context = {
        "email_form": ChangeEmailForm(auto_id="email_%s"),
        "password_form": ChangePasswordForm(auto_id="password_%s"),
        "email": request.user.email,
        "is_verified": request.user.is_verified,
        "pending": pending,
        "is_changing": pending not in (None, request.user.email),
        "here": "settings-sign-in",
        **forms,
    }
    return render_settings(request, "settings/sign_in.html", context, status=status)

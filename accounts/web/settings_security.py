"""How one's account is kept safe: /settings/security."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.selectors.second_factors import get_second_factors
from accounts.services.authenticator_apps import begin_app, confirm_app, get_trial, remove_app
from accounts.services.passkeys import add_passkey, begin_passkey, remove_passkey, rename_passkey
from accounts.services.second_factors import renew_recovery_codes
from accounts.web.browser import note_factor
from accounts.web.factor_forms import (
    AddPasskeyForm,
    CodeForm,
    NewPasskeyForm,
    PasskeyNameForm,
    PasswordForm,
)
from accounts.web.forms import AccountForm
from accounts.web.settings_pages import render_settings
from accounts.web.signed_in import PageRequest, signed_in
from chat_project.core.api.json import parse_json
from chat_project.core.errors import ApplicationError, ConflictError, InvalidError, TooManyRequestsError

# What a form shows beside its fields; all else becomes a page of its own.
_SHOWN = (InvalidError, ConflictError, TooManyRequestsError)
_HERE = "settings-security"


@require_safe
@signed_in
def security(request: PageRequest) -> HttpResponse:
    """Authenticator app, passkeys, recovery codes."""
    return _overview(request)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def app(request: PageRequest) -> HttpResponse:
    """Begin to set an authenticator app up, and show what it is set up with."""
    if request.method != "POST":
        return _app_page(request, CodeForm())
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _refused(request, "app_form", form)
    try:
        begin_app(user=request.user, **form.cleaned_data)
    except _SHOWN as error:
        return _refused(request, "app_form", form, error)
    return HttpResponseRedirect(reverse("settings-security-app"))


@sensitive_post_parameters()
@require_POST
@signed_in
def app_confirm(request: PageRequest) -> HttpResponse:
    """Take the app into use by its first code."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _app_page(request, form, status=400)
    try:
        codes = confirm_app(user=request.user, **form.cleaned_data)
    except _SHOWN as error:
        form.refuse(error)
        return _app_page(request, form, status=error.status)
    note_factor(request)
    return _made(request, codes, _("The authenticator app is set up."))


@sensitive_post_parameters()
@require_POST
@signed_in
def app_remove(request: PageRequest) -> HttpResponse:
    """Remove the authenticator app."""
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _refused(request, "app_form", form)
    try:
        remove_app(user=request.user, **form.cleaned_data)
    except _SHOWN as error:
        return _refused(request, "app_form", form, error)
    return _done(request, _("The authenticator app is removed."))


@sensitive_post_parameters()
@require_POST
@signed_in
def codes(request: PageRequest) -> HttpResponse:
    """Make new recovery codes, and show them."""
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _refused(request, "codes_form", form)
    try:
        made = renew_recovery_codes(user=request.user, **form.cleaned_data)
    except _SHOWN as error:
        return _refused(request, "codes_form", form, error)
    return _codes_page(request, made)


@sensitive_post_parameters()
@require_POST
@signed_in
def passkeys(request: PageRequest) -> HttpResponse:
    """Begin to add a passkey: the page that comes asks the browser for one."""
    form = NewPasskeyForm(request.POST)
    if not form.is_valid():
        return _refused(request, "passkey_form", form)
    try:
        question = begin_passkey(user=request.user, password=form.cleaned_data["password"])
    except _SHOWN as error:
        return _refused(request, "passkey_form", form, error)
    shown = {"here": _HERE, "question": question, "name": form.cleaned_data["name"]}
    return render_settings(request, "settings/new_passkey.html", shown)


@sensitive_post_parameters()
@require_POST
@signed_in
def passkey_add(request: PageRequest) -> HttpResponse:
    """Keep the passkey that the browser made."""
    form = AddPasskeyForm(request.POST)
    if not form.is_valid():
        return _refused(request, "passkey_form", NewPasskeyForm(), InvalidError(_("The passkey did not answer.")))
    try:
        given = {**form.cleaned_data, "credential": _object(form.cleaned_data["credential"])}
        _passkey, made = add_passkey(user=request.user, **given)
    except _SHOWN as error:
        return _refused(request, "passkey_form", NewPasskeyForm(), error)
    note_factor(request)
    return _made(request, made, _("The passkey is added."))


@require_POST
@signed_in
def passkey_rename(request: PageRequest, passkey_id: str) -> HttpResponse:
    """Call a passkey something else."""
    form = PasskeyNameForm(request.POST)
    try:
        rename_passkey(user=request.user, passkey_id=passkey_id, name=form.data.get("name", ""))
    except InvalidError as error:
        messages.error(request, _first_message(error))
        return HttpResponseRedirect(reverse(_HERE))
    return _done(request, _("The passkey has another name."))


@sensitive_post_parameters()
@require_POST
@signed_in
def passkey_remove(request: PageRequest, passkey_id: str) -> HttpResponse:
    """Remove a passkey."""
    given = request.POST.get("password", "")
    try:
        remove_passkey(user=request.user, passkey_id=passkey_id, password=given)
    except _SHOWN as error:
        messages.error(request, _first_message(error))
        return HttpResponseRedirect(reverse(_HERE))
    return _done(request, _("The passkey is removed."))


def _overview(request: PageRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    shown = {
        "here": _HERE,
        "factors": get_second_factors(user_id=request.user.pk),
        "app_form": PasswordForm(auto_id="app_%s"),
        "codes_form": PasswordForm(auto_id="codes_%s"),
        "passkey_form": NewPasskeyForm(auto_id="passkey_%s"),
        **forms,
    }
    return render_settings(request, "settings/security.html", shown, status=status)


def _refused(request: PageRequest, slot: str, form: AccountForm, error: ApplicationError | None = None) -> HttpResponse:
    if error is not None and form.is_bound:
        form.refuse(error)
    elif error is not None:
        messages.error(request, _first_message(error))
    return _overview(request, status=error.status if error else 400, **{slot: form})


def _app_page(request: PageRequest, form: AccountForm, *, status: int = 200) -> HttpResponse:
    trial = get_trial(user=request.user)
    if trial is None:
        return HttpResponseRedirect(reverse(_HERE))
    shown = {"here": _HERE, "app": trial, "form": form}
    return render_settings(request, "settings/authenticator_app.html", shown, status=status)


def _made(request: PageRequest, made: list[str] | None, message: str) -> HttpResponse:
    """Say what was made; where recovery codes came with it, show them this once."""
    if made is None:
        return _done(request, message)
    messages.success(request, message)
    return _codes_page(request, made)


def _codes_page(request: PageRequest, made: list[str]) -> HttpResponse:
    return render_settings(request, "settings/recovery_codes.html", {"here": _HERE, "codes": made})


def _done(request: PageRequest, message: str) -> HttpResponse:
    messages.success(request, message)
    return HttpResponseRedirect(reverse(_HERE))


def _object(text: str) -> dict[str, Any]:
    value = parse_json(text)
    if not isinstance(value, dict):
        raise InvalidError(_("The passkey did not answer."))
    return value


def _first_message(error: ApplicationError) -> str:
    return next((texts[0] for texts in error.errors.values()), error.detail)

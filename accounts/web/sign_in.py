"""The pages of signing in: password, second factor, passkey; and the password once more.

Passkeys alone need a script.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import InvalidTokenError, SecondFactorRequiredError
from accounts.services.credentials import confirm_password, verify_credentials
from accounts.services.second_step import Proof, Step, get_step, pass_second_factor, require_one_factor
from accounts.services.sign_in import verify_passkey
from accounts.web.browser import enter, has_passed_factor, note_factor, note_password
from accounts.web.cards import card_page, refused, way_on
from accounts.web.factor_forms import CodeForm, PasswordForm, RecoveryCodeForm
from accounts.web.forms import AccountForm, LoginForm
from chat_project.core.api.json import parse_json
from chat_project.core.errors import ApplicationError, InvalidError

_STEP = "second_step"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Sign in, by way of the second factor where the account has one, and go where `next` says."""
    if request.method != "POST":
        if request.user.is_authenticated:
            return HttpResponseRedirect(way_on(request))
        return card_page(request, LoginForm(), "accounts/login.html")
    form = LoginForm(request.POST)
    if not form.is_valid():
        return card_page(request, form, "accounts/login.html", status=400)
    try:
        user = verify_credentials(**form.cleaned_data)
        require_one_factor(user)
        return enter(request, user, way_on(request))
    except SecondFactorRequiredError as error:
        return _to_second_step(request, error)
    except ApplicationError as error:
        return refused(request, form, "accounts/login.html", error)


@never_cache
@sensitive_post_parameters("code", "recovery_code", "credential")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Show the second factor of the account whose password was just given."""
    token = request.session.get(_STEP, "")
    try:
        step = get_step(token=token)
    except InvalidTokenError:
        return _from_the_beginning(request)
    if request.method != "POST":
        return _second_step_page(request, step)
    form = _shown_form(request)
    if not form.is_valid():
        return _second_step_page(request, step, form, status=400)
    try:
        user = pass_second_factor(token=token, proof=_proof(form))
        return _after_second_step(request, user.pk) or enter(request, user, way_on(request), passed_factor=True)
    except InvalidTokenError:
        return _from_the_beginning(request)
    except ApplicationError as error:
        return refused(request, form, "accounts/second_step.html", error, **_choices(step, form))


@never_cache
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in by a passkey, which the page's script asked."""
    try:
        credential = _credential(request.POST.get("credential", ""))
        user = verify_passkey(token=request.POST.get("token", ""), credential=credential)
        return enter(request, user, way_on(request), gave_password=False, passed_factor=True)
    except InvalidTokenError:
        return refused(request, LoginForm(), "accounts/login.html", _too_late())
    except ApplicationError as error:
        return refused(request, LoginForm(), "accounts/login.html", error)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """Give the password once more, and the second factor where this session has not shown it."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{resolve_url('login')}?{urlencode({'next': way_on(request)})}")
    if request.method != "POST":
        return card_page(request, PasswordForm(), "accounts/again.html")
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return card_page(request, form, "accounts/again.html", status=400)
    try:
        confirm_password(user=request.user, password=form.cleaned_data["password"])
        if not has_passed_factor(request):
            require_one_factor(request.user)
    except SecondFactorRequiredError as error:
        return _to_second_step(request, error)
    except ApplicationError as error:
        return refused(request, form, "accounts/again.html", error)
    note_password(request)
    return HttpResponseRedirect(way_on(request))


def _to_second_step(request: HttpRequest, error: SecondFactorRequiredError) -> HttpResponse:
    # In the session: a token stands in no address.
    request.session[_STEP] = error.extra["token"]
    return HttpResponseRedirect(f"{resolve_url('second-step')}?{urlencode({'next': way_on(request)})}")


def _after_second_step(request: HttpRequest, user_id: str) -> HttpResponse | None:
    """Lead on who was signed in already and gave the password once more; None for everybody else."""
    del request.session[_STEP]
    if not request.user.is_authenticated or request.user.pk != user_id:
        return None
    note_password(request)
    note_factor(request)
    return HttpResponseRedirect(way_on(request))


def _from_the_beginning(request: HttpRequest) -> HttpResponse:
    if request.session.pop(_STEP, None) is None:
        return HttpResponseRedirect(f"{resolve_url('login')}?{urlencode({'next': way_on(request)})}")
    return refused(request, LoginForm(), "accounts/login.html", _too_late())


def _too_late() -> InvalidError:
    return InvalidError(_("This took too long. Sign in again."))


def _shown_form(request: HttpRequest) -> AccountForm:
    for kind in (RecoveryCodeForm, CodeForm):
        if any(field in request.POST for field in kind.base_fields):
            return kind(request.POST)
    return AccountForm(request.POST)


def _proof(form: AccountForm) -> Proof:
    if "credential" in form.data:
        return Proof(credential=_credential(form.data["credential"]))
    return Proof(**form.cleaned_data)


def _credential(text: str) -> dict[str, Any]:
    """Return what the script put into its field. Raises InvalidError."""
    value = parse_json(text)
    if not isinstance(value, dict):
        raise InvalidError
    return value


def _second_step_page(
    request: HttpRequest, step: Step, form: AccountForm | None = None, *, status: int = 200
) -> HttpResponse:
    return card_page(request, form, "accounts/second_step.html", status=status, **_choices(step, form))


def _choices(step: Step, form: AccountForm | None) -> dict[str, Any]:
    """Return the forms of the step's page: the one that was refused with its errors, the others blank."""
    methods = step.factors.methods
    code = form if isinstance(form, CodeForm) else CodeForm()
    recovery = form if isinstance(form, RecoveryCodeForm) else RecoveryCodeForm()
    return {
        "person": step.user,
        "code_form": code if "code" in methods else None,
        "recovery_form": recovery if "recovery_code" in methods else None,
        "passkey_options": step.passkey_options,
    }

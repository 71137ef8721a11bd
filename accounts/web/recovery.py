"""The pages of proving an address and of getting back in by it. They need no script.

Links of mails are opened by programs too, which look for what is dangerous: a GET only shows what a POST would do.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.errors import InvalidLinkError
from accounts.services.authentication import authenticate_browser
from accounts.services.email_verification import find_pending, resend_verification, verify_email
from accounts.services.password_reset import find_resettable, request_password_reset, reset_password
from accounts.web.forms import AccountForm
from accounts.web.recovery_forms import AddressForm, NewPasswordForm
from chat_project.core.errors import ApplicationError, InvalidError


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """Show which address a link proves, and whose it is; prove it when asked to."""
    page = "accounts/verify.html"
    try:
        pending = find_pending(token=token)
        if request.method != "POST":
            return render(request, page, {"pending": pending})
        verify_email(token=token, identity=authenticate_browser(request.session))
    except InvalidLinkError:
        return render(request, page, {"is_dead": True}, status=InvalidLinkError.status)
    except InvalidError as error:
        return render(request, page, {"pending": pending, "error": _first_message(error)}, status=error.status)
    return render(request, page, {"is_done": True})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def resend(request: HttpRequest) -> HttpResponse:
    """Send the link that proves an address once more; the answer is the same whether or not there is one to send."""
    return _ask_for_mail(request, "accounts/verify_resend.html", resend_verification)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Send a link that resets a password; the answer is the same whether or not there is an account."""
    return _ask_for_mail(request, "accounts/forgot.html", request_password_reset)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """Set another password by a mail's link. Signs nobody in."""
    page = "accounts/reset.html"
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    try:
        user = find_resettable(token=token)
        if not form.is_valid():
            status = 400 if form.is_bound else 200
            return render(request, page, {"form": form, "username": user.username}, status=status)
        reset_password(token=token, password=form.cleaned_data["password"])
    except InvalidLinkError:
        return render(request, page, {"is_dead": True}, status=InvalidLinkError.status)
    except ApplicationError as error:
        return _refused(request, page, form, error, username=user.username)
    return render(request, page, {"is_done": True})


def _ask_for_mail(request: HttpRequest, page: str, ask: Callable[..., None]) -> HttpResponse:
    form = AddressForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, page, {"form": form}, status=400 if form.is_bound else 200)
    email = form.cleaned_data["email"]
    try:
        ask(email=email)
    except ApplicationError as error:
        return _refused(request, page, form, error)
    return render(request, page, {"asked_for": email})


def _refused(
    request: HttpRequest, page: str, form: AccountForm, error: ApplicationError, **context: Any
) -> HttpResponse:
    form.refuse(error)
    response = render(request, page, {"form": form, **context}, status=error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.problem()["retry_after"])
    return response


def _first_message(error: InvalidError) -> str:
    return next((messages[0] for messages in error.errors.values()), error.detail)

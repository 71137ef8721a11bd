"""The pages of signing in, registering and signing out. They need no script."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.services.credentials import verify_credentials
from accounts.services.registration import create_account
from accounts.web.browser import own_path, sign_in_browser, sign_out_browser
from accounts.web.forms import AccountForm, LoginForm, RegisterForm
from chat_project.core.errors import ApplicationError, InvalidError


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Sign in, and go where `next` says."""
    way_on = _way_on(request)
    if request.method != "POST":
        return _unless_signed_in(request, way_on, LoginForm(), "accounts/login.html")
    form = LoginForm(request.POST)
    if form.is_valid():
        try:
            sign_in_browser(request, verify_credentials(**form.cleaned_data))
        except ApplicationError as error:
            return _refused(request, form, "accounts/login.html", error)
        return HttpResponseRedirect(way_on)
    return _page(request, form, "accounts/login.html", status=400)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Make an account, and sign in with it."""
    way_on = _way_on(request)
    if request.method != "POST":
        return _unless_signed_in(request, way_on, RegisterForm(), "accounts/register.html")
    form = RegisterForm(request.POST)
    if form.is_valid():
        try:
            sign_in_browser(request, create_account(**form.cleaned_data))
        except ApplicationError as error:
            return _refused(request, form, "accounts/register.html", error)
        return HttpResponseRedirect(way_on)
    return _page(request, form, "accounts/register.html", status=400)


@never_cache
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Sign out; the browser forgets what it kept."""
    sign_out_browser(request)
    # Without "cookies": those of other copies on this host, on other ports, would go too.
    return HttpResponseRedirect(resolve_url(settings.LOGIN_URL), headers={"Clear-Site-Data": '"cache", "storage"'})


def admin_login(request: HttpRequest) -> HttpResponse:
    """Send the admin's visitors through our own page: its limits and sessions are the only ones."""
    if request.user.is_authenticated:
        return render(request, "403.html", status=403)
    way_on = own_path(request.GET.get("next", resolve_url("admin:index")))
    return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': way_on})}")


def _way_on(request: HttpRequest) -> str:
    return own_path(request.POST.get("next") or request.GET.get("next"))


def _unless_signed_in(request: HttpRequest, way_on: str, form: AccountForm, template: str) -> HttpResponse:
    if request.user.is_authenticated:
        return HttpResponseRedirect(way_on)
    return _page(request, form, template)


def _refused(request: HttpRequest, form: AccountForm, template: str, error: ApplicationError) -> HttpResponse:
    form.refuse(error)
    response = _page(request, form, template, status=error.status if error.status != 401 else InvalidError.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.problem()["retry_after"])
    return response


def _page(request: HttpRequest, form: AccountForm, template: str, status: int = 200) -> HttpResponse:
    context = {"form": form, "next": _way_on(request), "is_open": settings.REGISTRATION == "open"}
    return render(request, template, context, status=status)

"""The pages of registering and signing out. They need no script."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.services.registration import create_account
from accounts.web.browser import enter, sign_out_browser
from accounts.web.cards import card_page, refused, way_on
from accounts.web.forms import RegisterForm
from chat_project.core.errors import ApplicationError


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Make an account, and sign in with it."""
    if request.method != "POST":
        if request.user.is_authenticated:
            return HttpResponseRedirect(way_on(request))
        return card_page(request, RegisterForm(), "accounts/register.html")
    form = RegisterForm(request.POST)
    if not form.is_valid():
        return card_page(request, form, "accounts/register.html", status=400)
    try:
        return enter(request, create_account(**form.cleaned_data), way_on(request))
    except ApplicationError as error:
        return refused(request, form, "accounts/register.html", error)


@never_cache
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Sign out; the browser forgets what it kept."""
    sign_out_browser(request)
    # Without "cookies": those of other copies on this host, on other ports, would go too.
    return HttpResponseRedirect(resolve_url(settings.LOGIN_URL), headers={"Clear-Site-Data": '"cache", "storage"'})

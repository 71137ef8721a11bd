"""What every page asks first that is for people who are signed in, and how it says no."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from accounts.web.browser import came_from
from chat_project.core.api.json import has_forbidden_characters
from chat_project.core.api.problems import DOWN, as_application_error
from chat_project.core.errors import ApplicationError, InvalidError, NotFoundError

View = Callable[..., HttpResponseBase]


class PageRequest(HttpRequest):
    """A request of somebody who is signed in, by htmx or for a whole page."""

    htmx: HtmxDetails
    user: User


def signed_in(view: View) -> View:
    """Let only people who are signed in through, and answer what services refuse with a page of the same design.

    A part of a page that is fetched gets 401 instead of the sign-in page, and htmx the way there.
    """

    @wraps(view)
    def checked(request: PageRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            _require_text(request)
            return view(request, *args, **kwargs)
        except (ApplicationError, *DOWN) as error:
            return _refusal(request, as_application_error(error))

    return never_cache(vary_on_headers("HX-Request")(checked))


def _require_text(request: HttpRequest) -> None:
    """Raise InvalidError where the address or the form holds what no text may; no page needs to ask then."""
    for given in (request.GET, request.POST):
        for name, texts in given.lists():
            if any(has_forbidden_characters(text) for text in texts):
                raise InvalidError.of(name, "This must not hold U+0000.", code="malformed_text")


def _to_sign_in(request: PageRequest) -> HttpResponse:
    """Lead to the sign-in page, and back from there. What an ended session left in the browser goes."""
    if request.htmx:
        address = resolve_url(settings.LOGIN_URL)
        here = request.htmx.current_url_abs_path
        response = HttpResponse(
            status=401, headers={"HX-Redirect": f"{address}?{urlencode({'next': here})}" if here else address}
        )
    else:
        response = redirect_to_login(_page_of(request))
    end = getattr(request, "session_end", None)
    if end is not None:
        response.headers["X-Session"] = end
    if end == "revoked":
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _page_of(request: PageRequest) -> str:
    """Return the page that somebody is on: of a form, the page that it stood on, whose own address may show nothing."""
    return request.get_full_path() if request.method in ("GET", "HEAD") else came_from(request)


def _refusal(request: PageRequest, error: ApplicationError) -> HttpResponse:
    if isinstance(error, NotFoundError):
        if request.htmx:
            return render(request, "chat/_missing.html", status=404)
        raise Http404
    return render(request, "error.html", {"error": error}, status=error.status)

"""What every HTTP request passes: where it comes from, and whose browser it is."""

from collections.abc import Callable
from typing import cast

from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.services.authentication import authenticate_browser, end_of
from accounts.signed_in import SignedInUser
from chat_project.core import audit
from chat_project.core.addresses import client_address
from chat_project.core.logs import REQUEST_ID

_COOKIE_RENEWED = "renewed_on"


class LiveSessionMiddleware:
    """Ties a browser's Django session to its live `user_sessions` row, and notes the origin of each request.

    Whose session was ended, has expired or was made before the account's `auth_version` rose is nobody, and their
    Django session is flushed. The session is read when somebody asks for the user, and not before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = SimpleLazyObject(lambda: browser_user(request))
        request.user = cast(User, user)
        request.auser = sync_to_async(lambda: browser_user(request))
        origin = origin_of(request)
        # Django logs what was refused when this middleware is left already.
        request.META[REQUEST_ID] = origin.request_id
        token = audit.origin.set(origin)
        try:
            response = self.get_response(request)
        finally:
            audit.origin.reset(token)
        response.headers["X-Request-Id"] = origin.request_id
        return response


def browser_user(request: HttpRequest) -> User | AnonymousUser:
    """Return who is signed in in this browser. A session that no longer stands for anybody is flushed."""
    identity = authenticate_browser(request.session)
    if identity is None:
        if SESSION_KEY in request.session:
            request.session_end = end_of(request.session)  # type: ignore[attr-defined]
            request.session.flush()
        return AnonymousUser()
    _renew_cookie(request)
    return cast(User, SignedInUser(identity))


def origin_of(request: HttpRequest) -> audit.Origin:
    """Return where a request comes from."""
    return audit.Origin.of(
        ip_address=client_address(
            peer=request.META.get("REMOTE_ADDR"), forwarded_for=request.META.get("HTTP_X_FORWARDED_FOR", "")
        ),
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
    )


def _renew_cookie(request: HttpRequest) -> None:
    """Move the cookie's expiry once a day, as use moves the session's."""
    today = timezone.now().date().isoformat()
    if request.session.get(_COOKIE_RENEWED) != today:
        request.session[_COOKIE_RENEWED] = today

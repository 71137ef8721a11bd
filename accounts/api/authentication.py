"""How REST calls say who calls: a bearer token, or the browser's cookie."""

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from accounts.errors import InvalidTokenError
from accounts.models import User
from accounts.services.authentication import Identity, authenticate_access, authenticate_browser
from accounts.signed_in import SignedInUser
from chat_project.core.errors import NotAllowedError

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


class AuthenticatedRequest(Request):
    """What views get that want somebody signed in."""

    user: User
    auth: Identity


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access>`. The header decides alone: where it is bad, no cookie is looked at."""

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        identity = authenticate_access(token.strip()) if scheme.lower() == "bearer" else None
        if identity is None:
            raise InvalidTokenError
        return cast(User, SignedInUser(identity)), identity

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class CookieAuthentication(BaseAuthentication):
    """The web UI's session cookie. Unsafe calls must come from our Origin and carry the CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        identity = authenticate_browser(request.session)
        if identity is None:
            return None
        if request.method not in SAFE_METHODS:
            _require_own_page(request._request)
        return cast(User, SignedInUser(identity)), identity


def _require_own_page(request: HttpRequest) -> None:
    """Refuse what another site's page made this browser send.

    Raises: NotAllowedError.
    """
    # Django compares an Origin that is there, but over http asks for none.
    reason = None if "HTTP_ORIGIN" in request.META else "the Origin header is missing"
    if reason is None:
        check = CSRFCheck(lambda _request: None)  # type: ignore[arg-type]
        check.process_request(request)
        reason = check.process_view(request, None, (), {})  # type: ignore[assignment,arg-type]
    if reason:
        raise NotAllowedError("This call wants the page's CSRF token and Origin.", code="csrf_failed")


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "The `access` of a sign-in."}


class CookieScheme(OpenApiAuthenticationExtension):
    target_class = CookieAuthentication
    name = "cookie"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The web UI's session. Unsafe calls also carry our Origin and X-CSRFToken.",
        }

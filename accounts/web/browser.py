"""A browser's session: Django's, tied to a `user_sessions` row; and what it knows of who sits before it."""

import hashlib
import re
import secrets
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from accounts.devices import Device
from accounts.models import User
from accounts.services.authentication import BROWSER_SESSION_ID, authenticate_browser
from accounts.services.sessions import sign_out, start_session
from chat_project.core import audit

BACKEND = "accounts.backends.LoginBackend"
HOME = "/"
# As long as browsers keep a cookie at most.
DEVICE_COOKIE_AGE = timedelta(days=400)

_GIVEN_AT = "password_given_at"
_FACTOR_PASSED = "second_factor_passed"
_WAY_BACK = "way_back"
_CONVERSATIONS = "/c/"
_DEVICE = re.compile(r"[0-9a-f]{32}")
# One slash, then anything but a second one: to browsers `//` and `/\` begin the address of another site.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def enter(
    request: HttpRequest, user: User, way_on: str, *, gave_password: bool = True, passed_factor: bool = False
) -> HttpResponse:
    """Sign somebody who was just verified in in this browser, and lead on. Ends who was signed in before.

    The browser gets a session key of its own, and keeps a cookie by which the account knows it again.

    Raises: InvalidCredentialsError.
    """
    token = _device_token(request)
    sign_in_browser(request, user, device_token=token)
    if gave_password:
        note_password(request)
    if passed_factor:
        note_factor(request)
    response = HttpResponseRedirect(way_on)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        token,
        max_age=DEVICE_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def sign_in_browser(request: HttpRequest, user: User, *, device_token: str | None = None) -> None:
    """Sign somebody who was just verified in in this browser, under a new session key. Ends who was signed in before.

    Raises: InvalidCredentialsError.
    """
    sign_out_browser(request)
    login(request, user, backend=BACKEND)
    device_key = hashlib.sha256(device_token.encode()).hexdigest() if device_token else None
    session = start_session(
        user=user,
        device=Device.of(user_agent=audit.origin.get().user_agent, key=device_key),
        browser_session_key=request.session.session_key,
    )
    request.session[BROWSER_SESSION_ID] = session.id


def sign_out_browser(request: HttpRequest) -> None:
    """End the browser's session, if it has one, and forget all that belonged to it."""
    identity = authenticate_browser(request.session)
    if identity is not None:
        sign_out(identity=identity)
    request.session.flush()


def note_password(request: HttpRequest) -> None:
    """Note that whoever sits there has just given the account's password."""
    request.session[_GIVEN_AT] = int(timezone.now().timestamp())


def gave_password_within(request: HttpRequest, span: timedelta) -> bool:
    """Tell whether the account's password was given in this session lately."""
    given_at = request.session.get(_GIVEN_AT, 0)
    return bool(timezone.now().timestamp() - given_at <= span.total_seconds())


def note_factor(request: HttpRequest) -> None:
    """Note that whoever sits there has shown the account's second factor."""
    request.session[_FACTOR_PASSED] = True


def has_passed_factor(request: HttpRequest) -> bool:
    """Tell whether the account's second factor was shown in this session."""
    return bool(request.session.get(_FACTOR_PASSED))


def own_path(text: str | None) -> str:
    """Return a path of this site as it was asked for; the start page for anything else."""
    return text if text and _OWN_PATH.fullmatch(text) else HOME


def came_from(request: HttpRequest) -> str:
    """Return the page of this site that a request says it was sent from; the start page where it says none."""
    try:
        sent_from = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return HOME
    path = urlunsplit(("", "", sent_from.path, sent_from.query, ""))
    return own_path(path) if sent_from.netloc == request.get_host() else HOME


def way_back(request: HttpRequest) -> str:
    """Return where in the chat somebody was before these pages, through however many of them they went."""
    page, was = came_from(request), str(request.session.get(_WAY_BACK, HOME))
    if page == was or not (page == HOME or page.startswith(_CONVERSATIONS)):
        return was
    request.session[_WAY_BACK] = page
    return page


def _device_token(request: HttpRequest) -> str:
    kept = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    return kept if _DEVICE.fullmatch(kept) else secrets.token_hex(16)

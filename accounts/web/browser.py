"""A browser's session: Django's, tied to a `user_sessions` row."""

import re

from django.contrib.auth import login
from django.http import HttpRequest

from accounts.devices import Device
from accounts.models import User
from accounts.services.authentication import BROWSER_SESSION_ID, authenticate_browser
from accounts.services.sessions import sign_out, start_session
from chat_project.core import audit

BACKEND = "accounts.backends.LoginBackend"
HOME = "/"

# One slash, then anything but a second one: to browsers `//` and `/\` begin the address of another site.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def sign_in_browser(request: HttpRequest, user: User) -> None:
    """Sign somebody who was just verified in in this browser, under a new session key. Ends who was signed in before.

    Raises: InvalidCredentialsError.
    """
    sign_out_browser(request)
    login(request, user, backend=BACKEND)
    key = request.session.session_key
    session = start_session(
        user=user, device=Device.of(user_agent=audit.origin.get().user_agent), browser_session_key=key
    )
    request.session[BROWSER_SESSION_ID] = session.id


def sign_out_browser(request: HttpRequest) -> None:
    """End the browser's session, if it has one, and forget all that belonged to it."""
    identity = authenticate_browser(request.session)
    if identity is not None:
        sign_out(identity=identity)
    request.session.flush()


def own_path(text: str | None) -> str:
    """Return a path of this site as it was asked for; the start page for anything else."""
    return text if text and _OWN_PATH.fullmatch(text) else HOME

"""Where one is signed in: /settings/devices."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.devices import Device
from accounts.errors import SessionNotFoundError
from accounts.models import UserSession
from accounts.selectors.sessions import list_sessions
from accounts.services.authentication import authenticate_browser
from accounts.services.sessions import end_other_sessions, end_session
from accounts.web.settings_pages import render_settings
from accounts.web.signed_in import PageRequest, signed_in
from chat_project.core.api.pagination import MAX_LIMIT

_PHONES = frozenset({"iOS", "Android"})


@dataclass(frozen=True, slots=True)
class _Row:
    """A device as the page shows it; `program` is empty where the name says it already."""

    session: UserSession
    program: str
    icon: str


@require_safe
@signed_in
def devices(request: PageRequest) -> HttpResponse:
    """All sessions, this one first, then by their last use."""
    current_id = _current_id(request)
    sessions = list_sessions(viewer=request.user, limit=MAX_LIMIT).sessions
    sessions.sort(key=lambda session: session.last_used_at, reverse=True)
    rows = [_row(session) for session in sessions]
    shown = {
        "current": next((row for row in rows if row.session.id == current_id), None),
        "others": [row for row in rows if row.session.id != current_id],
    }
    return render_settings(request, "settings/devices.html", shown)


@require_POST
@signed_in
def end(request: PageRequest, session_id: str) -> HttpResponse:
    """End one session. One that has ended meanwhile is no error."""
    try:
        end_session(user=request.user, session_id=session_id)
    except SessionNotFoundError:
        messages.info(request, _("This device was signed out already."))
    else:
        messages.success(request, _("The device is signed out."))
    return HttpResponseRedirect(reverse("settings-devices"))


@require_POST
@signed_in
def end_others(request: PageRequest) -> HttpResponse:
    """End all sessions but this one."""
    end_other_sessions(user=request.user, current_id=_current_id(request))
    messages.success(request, _("All other devices are signed out."))
    return HttpResponseRedirect(reverse("settings-devices"))


def _current_id(request: PageRequest) -> str:
    identity = authenticate_browser(request.session)
    return identity.session_id if identity else ""


def _row(session: UserSession) -> _Row:
    program = Device.of(user_agent=session.user_agent).name
    return _Row(
        session=session,
        program=program if program != session.device_name else "",
        icon="phone" if session.platform in _PHONES else "laptop",
    )

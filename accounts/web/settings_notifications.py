"""What a browser says of new messages: /settings/notifications."""

from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.selectors.push import is_subscribed
from accounts.services.authentication import BROWSER_SESSION_ID, Identity, authenticate_browser
from accounts.services.push import choose_text, subscribe, unsubscribe
from accounts.web.settings_pages import render_settings
from accounts.web.signed_in import PageRequest, signed_in
from chat_project.core.api.json import parse_json
from chat_project.core.errors import ApplicationError, InvalidError, NotAuthenticatedError
from chat_project.core.push.sending import public_key

COOKIE = "notices"
_YEAR_SECONDS = 365 * 86_400
_HERE = "settings-notifications"


@dataclass(frozen=True, slots=True)
class Notices:
    """What a browser does when a message comes. `preview` shows who wrote, and what."""

    sound: bool = True
    preview: bool = True
    desktop: bool = False

    @classmethod
    def of(cls, request: HttpRequest) -> "Notices":
        """Return what was chosen in the browser, which keeps it in a cookie."""
        kept = request.COOKIES.get(COOKIE)
        if kept is None:
            return cls()
        words = kept.split(".")
        return cls(sound="sound" in words, preview="preview" in words, desktop="desktop" in words)

    def keep(self, response: HttpResponse) -> None:
        """Have the browser keep it."""
        words = [name for name in ("sound", "preview", "desktop") if getattr(self, name)]
        value = ".".join(words) or "none"
        response.set_cookie(COOKIE, value, max_age=_YEAR_SECONDS, secure=settings.HTTPS, httponly=True, samesite="Lax")


class NoticesForm(forms.Form):
    """What can be chosen without the browser's permission."""

    sound = forms.BooleanField(
        label=gettext_lazy("Sound"),
        required=False,
        help_text=gettext_lazy("Two soft notes, where you look at another conversation or another window."),
    )
    preview = forms.BooleanField(
        label=gettext_lazy("Show names and texts"),
        required=False,
        help_text=gettext_lazy("Off, a notification says no more than that there is a new message."),
    )


def notices_of(request: HttpRequest) -> dict[str, Any]:
    """Return what the chat's script goes by; with a key where pushes are wanted, and there is nowhere to send them."""
    notices = Notices.of(request)
    sound = static("sound/message.wav") if notices.sound else None
    told = {**asdict(notices), "sound": sound, "icon": static("img/icon-192.png")}
    if notices.desktop and settings.PUSH_HOSTS and not is_subscribed(request.session[BROWSER_SESSION_ID]):
        told["key"] = public_key()
    return told


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def notifications(request: PageRequest) -> HttpResponse:
    """All that can be chosen for this browser."""
    notices = Notices.of(request)
    identity = _identity(request)
    form = NoticesForm(request.POST or None, initial={"sound": notices.sound, "preview": notices.preview})
    if request.method == "POST" and form.is_valid():
        chosen = Notices(**form.cleaned_data, desktop=notices.desktop)
        choose_text(identity=identity, shows_text=chosen.preview)
        return _done(request, chosen, _("Your choice is saved."))
    context: dict[str, Any] = {
        "form": form,
        "is_on": notices.desktop,
        "is_subscribed": is_subscribed(identity.session_id),
        "key": public_key() if settings.PUSH_HOSTS else "",
    }
    return render_settings(request, "settings/notifications.html", context)


@require_POST
@signed_in
def turn_on(request: PageRequest) -> HttpResponse:
    """Turn notifications on; where the browser has no push service, they come while the chat is open."""
    notices = Notices.of(request)
    identity = _identity(request)
    try:
        given = _subscription(request.POST.get("subscription", ""))
        if given is not None:
            subscribe(identity=identity, shows_text=notices.preview, **given)
    except ApplicationError as error:
        messages.error(request, next((texts[0] for texts in error.errors.values()), error.detail))
        return HttpResponseRedirect(reverse(_HERE))
    return _done(request, Notices(notices.sound, notices.preview, desktop=True), _("Notifications are on."))


@require_POST
@signed_in
def turn_off(request: PageRequest) -> HttpResponse:
    """Turn notifications off in this browser."""
    notices = Notices.of(request)
    unsubscribe(identity=_identity(request))
    return _done(request, Notices(notices.sound, notices.preview, desktop=False), _("Notifications are off."))


def _identity(request: PageRequest) -> Identity:
    identity = authenticate_browser(request.session)
    if identity is None:
        raise NotAuthenticatedError
    return identity


def _subscription(text: str) -> dict[str, str] | None:
    """Return what a browser's subscription gives, None for none. Raises InvalidError."""
    value = parse_json(text or "null")
    if value is None:
        return None
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, dict):
        raise InvalidError(_("The browser's subscription can't be read."))
    given = {"endpoint": value.get("endpoint"), "p256dh": keys.get("p256dh"), "auth": keys.get("auth")}
    if not all(isinstance(each, str) for each in given.values()):
        raise InvalidError(_("The browser's subscription can't be read."))
    return given


def _done(request: PageRequest, notices: Notices, message: str) -> HttpResponse:
    messages.success(request, message)
    response = HttpResponseRedirect(reverse(_HERE))
    notices.keep(response)
    return response

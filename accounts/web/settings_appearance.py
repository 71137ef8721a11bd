"""How the pages look on this device: /settings/appearance."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.web.settings_pages import render_settings
from accounts.web.signed_in import PageRequest, signed_in

COOKIE = "theme"
_YEAR_SECONDS = 365 * 86_400
_SYSTEM = "system"


THEMES = ((_SYSTEM, _("As the system")), ("light", _("Light")), ("dark", _("Dark")))


class AppearanceForm(forms.Form):
    """Which of the two colour schemes is shown."""

    theme = forms.ChoiceField(choices=THEMES)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def appearance(request: PageRequest) -> HttpResponse:
    """Choose the colours. They are kept on the device, in a cookie that says nothing else."""
    form = AppearanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = HttpResponseRedirect(reverse("settings-appearance"))
        theme = form.cleaned_data["theme"]
        if theme == _SYSTEM:
            response.delete_cookie(COOKIE)
        else:
            _keep(response, theme)
        return response
    context: dict[str, Any] = {"themes": THEMES, "theme": request.COOKIES.get(COOKIE, _SYSTEM)}
    return render_settings(request, "settings/appearance.html", context)


def _keep(response: HttpResponse, theme: str) -> None:
    response.set_cookie(COOKIE, theme, max_age=_YEAR_SECONDS, secure=settings.HTTPS, httponly=True, samesite="Lax")

"""The frame of the settings: what every page of them is shown in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.representations import author
from accounts.web.browser import way_back
from accounts.web.signed_in import PageRequest


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """One entry of the navigation: the name of its address, its words, and an icon of the sprite."""

    name: str
    title: Promise
    icon: str


# As the navigation shows them.
PAGES = (
    SettingsPage("settings-profile", _("Profile"), "person"),
    SettingsPage("settings-devices", _("Devices"), "devices"),
    SettingsPage("settings-security", _("Security"), "shield"),
    SettingsPage("settings-privacy", _("Privacy"), "lock"),
    SettingsPage("settings-notifications", _("Notifications"), "bell"),
    SettingsPage("settings-sign-in", _("E-mail and password"), "mail"),
    SettingsPage("settings-appearance", _("Appearance"), "theme"),
    SettingsPage("settings-account", _("Account"), "account"),
)


def render_settings(
    request: PageRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Return a page of the settings in their frame. `template` extends settings/base.html.

    `here`, the name of an entry of PAGES, and `title` follow the address where `context` does not give them.
    """
    values = {"here": getattr(request.resolver_match, "url_name", ""), **(context or {})}
    title = next((page.title for page in PAGES if page.name == values["here"]), "")
    frame = {
        "pages": PAGES,
        "title": title,
        "me": author(request.user),
        "back": way_back(request),
        "unproven": "" if request.user.is_verified else request.user.email,
    }
    return render(request, template, {**frame, **values}, status=status)

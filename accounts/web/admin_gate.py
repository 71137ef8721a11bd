"""Who gets into the admin: staff who came through our own page, and gave their password lately."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.selectors.second_factors import has_second_factor
from accounts.web.browser import gave_password_within, has_passed_factor, own_path

PASSWORD_GOOD_FOR = timedelta(minutes=30)


def may_enter_admin(request: HttpRequest) -> bool:
    """Tell whether the admin opens: live session, staff, second factor where set or required, a fresh password."""
    return _is_staff(request) and not _wants_factor(request) and _is_fresh(request)


def admin_login(request: HttpRequest) -> HttpResponse:
    """Lead whom the admin does not let in to what they lack: a sign-in, a second factor, the password once more."""
    way_on = own_path(request.GET.get("next", resolve_url("admin:index")))
    if not request.user.is_authenticated:
        return _to("login", way_on)
    if not _is_staff(request):
        return render(request, "403.html", status=403)
    if _wants_factor(request):
        messages.warning(request, _("Set up a second factor first: the administration asks for one."))
        return HttpResponseRedirect(resolve_url("settings-security"))
    return HttpResponseRedirect(way_on) if _is_fresh(request) else _to("again", way_on)


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff


def _wants_factor(request: HttpRequest) -> bool:
    return settings.STAFF_SECOND_FACTOR and not _has_factor(request)


def _is_fresh(request: HttpRequest) -> bool:
    if not gave_password_within(request, PASSWORD_GOOD_FOR):
        return False
    return has_passed_factor(request) or not _has_factor(request)


def _has_factor(request: HttpRequest) -> bool:
    return request.user.is_authenticated and has_second_factor(user_id=request.user.pk)


def _to(page: str, way_on: str) -> HttpResponse:
    return HttpResponseRedirect(f"{resolve_url(page)}?{urlencode({'next': way_on})}")

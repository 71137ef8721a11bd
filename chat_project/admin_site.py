"""The admin's site: Django's, behind our own gate, with a dashboard in front and pages that no table stands behind."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils.translation import gettext_lazy as _

from accounts.web.admin_gate import may_enter_admin
from attachments import admin as files
from chat_project import health
from moderation.selectors.dashboard import get_dashboard

# Django's choices for a field name what they stand for: a private conversation by its title. Its links to the site ask
# whether there is such an address; passwords have a page of their own.
UNUSED = ("autocomplete", "view_on_site", "password_change_done")


class GatedAdminSite(AdminSite):
    """Opens to whom `accounts.web.admin_gate` lets in; its sign-in page is ours, as chat_project.urls says."""

    site_header = settings.SITE_NAME
    site_title = settings.SITE_NAME
    index_title = _("Dashboard")
    index_template = "admin/dashboard.html"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register pages, but for those of groups, by which Django would have rights given."""
        if model_or_iterable != (Group,):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return may_enter_admin(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the pages of files and Django's own, but for some that no page here leads to."""
        return [*files.urls(self), *(each for each in super().get_urls() if getattr(each, "name", None) not in UNUSED)]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Name the pages of files too, which stand for no list of a model."""
        apps = super().get_app_list(request, app_label)
        if app_label is None and request.user.has_perm("attachments.view_attachment"):
            address = reverse("admin:files")
            page = {
                "name": _("Files"),
                "object_name": "Attachment",
                "admin_url": address,
                "add_url": None,
                "view_only": True,
            }
            apps.append({"name": _("Attachments"), "app_label": "attachments", "app_url": address, "models": [page]})
        return apps

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what waits, what the last days brought, and which part is down."""
        context = {"dashboard": get_dashboard(), "parts": health.measure_parts(), **(extra_context or {})}
        return super().index(request, context)

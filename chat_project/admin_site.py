"""The admin's site: Django's, behind our own gate."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from accounts.web.admin_gate import may_enter_admin


class GatedAdminSite(AdminSite):
    """Opens to whom `accounts.web.admin_gate` lets in; its sign-in page is ours, as chat_project.urls says."""

    def has_permission(self, request: HttpRequest) -> bool:
        return may_enter_admin(request)

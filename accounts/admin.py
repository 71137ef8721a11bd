"""Accounts, as staff see them: whose they are and how they stand. No addresses, and nothing that somebody wrote."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat_project.core.admin import ReadOnlyAdmin
from chat_project.core.db.cuid import is_cuid


class StandingFilter(admin.SimpleListFilter):
    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("In use")), ("suspended", _("Suspended")), ("closed", _("Closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        match self.value():
            case "open":
                return queryset.filter(is_active=True, is_suspended=False)
            case "suspended":
                return queryset.filter(is_active=True, is_suspended=True)
            case "closed":
                return queryset.filter(is_active=False)
            case _:
                return queryset


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("name", "display_name", "standing", "is_staff", "created_at")
    list_filter = (StandingFilter,)
    search_fields = ("username",)
    search_help_text = _("The beginning of a username, or an id")
    ordering = ("-id",)
    change_form_template = "admin/person.html"
    fields = (
        "id",
        "username",
        "display_name",
        "standing",
        "suspended_until",
        "suspension_reason",
        "is_verified",
        "is_bot",
        "is_staff",
        "created_at",
    )
    readonly_fields = fields

    @admin.display(description=_("username"))
    def name(self, user: User) -> str:
        return f"@{user.username}" if user.username else gettext("closed account")

    @admin.display(description=_("standing"))
    def standing(self, user: User) -> str:
        if not user.is_active:
            return gettext("closed")
        if not user.is_suspended:
            return gettext("in use")
        return gettext("suspended") if user.suspended_until else gettext("banned")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().removeprefix("@").lower()
        if not term:
            return queryset, False
        return queryset.filter(id=term) if is_cuid(term) else queryset.filter(username__startswith=term), False

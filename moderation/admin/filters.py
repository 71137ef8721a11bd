"""The filters of moderation's lists."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat_project.core.audit_actions import ACTIONS
from chat_project.core.db.cuid import cuid_floor
from moderation.enums import ReportStatus
from moderation.models.reports import OPEN_STATUSES
from moderation.selectors.queue import count_by_status

ALL = "all"


class StatusFilter(admin.SimpleListFilter):
    """The queue by status, with how many there are; what is open where nothing is chosen."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        counts = count_by_status()
        return [
            *((status.value, f"{status.label} ({counts[status]})") for status in ReportStatus),
            (ALL, _("All")),
        ]

    def choices(self, changelist: Any) -> Any:
        """Name what stands for no choice after what it shows."""
        for choice in super().choices(changelist):
            if choice["query_string"] == changelist.get_query_string(remove=[self.parameter_name]):
                choice["display"] = _("Open")
            yield choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == ALL:
            return queryset
        return queryset.filter(status=self.value()) if self.value() else queryset.filter(status__in=OPEN_STATUSES)


class MineFilter(admin.SimpleListFilter):
    title = _("who has it")
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("I do"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(reviewer_id=request.user.pk) if self.value() else queryset


class SubjectFilter(admin.SimpleListFilter):
    """Actions by what they are about: `member` of `member.banned`."""

    title = _("subject")
    parameter_name = "subject"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        subjects = sorted({action.partition(".")[0] for action in ACTIONS})
        return [(subject, subject.replace("_", " ")) for subject in subjects]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        # Each by its name, as the index has them.
        return queryset.filter(action__in=[action for action in ACTIONS if action.startswith(f"{self.value()}.")])


class SinceFilter(admin.SimpleListFilter):
    """By time, which is what ids sort by: older months are not looked at."""

    title = _("time")
    parameter_name = "since"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("Since a day ago")), ("7", _("Since a week ago")), ("30", _("Since 30 days ago"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("1", "7", "30"):
            return queryset
        return queryset.filter(id__gte=cuid_floor(timezone.now() - timedelta(days=int(self.value() or 0))))

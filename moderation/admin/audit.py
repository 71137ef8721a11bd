"""The audit log: read, filtered, searched and exported; never changed."""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, cast

import orjson
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat_project.core import audit
from chat_project.core.admin import ReadOnlyAdmin
from chat_project.core.audit_actions import ACTIONS
from chat_project.core.db.cuid import cuid_floor, is_cuid
from moderation.admin.filters import SinceFilter, SubjectFilter
from moderation.models import AuditLog, AuditSeal

BATCH = 1000
COLUMNS = (
    "id",
    "created_at",
    "actor_id",
    "action",
    "resource_type",
    "resource_id",
    "details",
    "ip_address",
    "user_agent",
    "request_id",
)
# How far back the rows of a request are looked for.
REQUEST_DAYS = 31
# Ours, and those of tasks of the clock.
_REQUEST_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class NamedChangeList(ChangeList):
    """A page of the log with the names of its people, in one more statement: rows hold ids alone."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        ids = {row.actor_id for row in rows} | {row.resource_id for row in rows if row.resource_type == "user"}
        names = dict(User.objects.filter(pk__in=ids - {None}).values_list("pk", "username"))
        for row in rows:
            row.actor_name = names.get(row.actor_id)
            row.resource_name = names.get(row.resource_id)
        self.result_list = rows


@admin.register(AuditLog)
class AuditLogAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "actor", "action", "resource", "said", "ip_address")
    list_display_links = ("created_at",)
    list_filter = (SinceFilter, SubjectFilter)
    search_fields = ("id",)
    search_help_text = _("A username, an action like member.banned, or the id of a person, a thing or a request")
    ordering = ("-id",)
    change_list_template = "admin/moderation/audit_log.html"
    fields = COLUMNS
    readonly_fields = fields

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NamedChangeList

    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(self.export), name="moderation_auditlog_export")
        return [export, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the log, and how far it is sealed."""
        seal = AuditSeal.objects.defer("row_macs").order_by("-last_id").first()
        return super().changelist_view(request, {"last_seal": seal, **(extra_context or {})})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().removeprefix("@").lower()
        if not term:
            return queryset, False
        if term in ACTIONS:
            return queryset.filter(action=term), False
        if _REQUEST_ID.fullmatch(term):
            # No index holds them: so far back as the log of the server is kept.
            newest = queryset.filter(id__gte=cuid_floor(timezone.now() - timedelta(days=REQUEST_DAYS)))
            return newest.filter(request_id=term), False
        if not is_cuid(term):
            term = User.objects.filter(username=term).values_list("id", flat=True).first() or ""
        return queryset.filter(Q(actor_id=term) | Q(resource_id=term) | Q(id=term)) if term else queryset.none(), False

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Send the rows that the list's filters and search find as CSV, a batch at a time."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        audit.record(actor_id=cast(User, request.user).pk, action="audit.exported")
        rows = self.get_changelist_instance(request).get_queryset(request)
        name = f"audit-log-{timezone.now():%Y-%m-%d}.csv"
        return StreamingHttpResponse(
            written(rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @admin.display(description=_("who"))
    def actor(self, row: Any) -> str:
        if row.actor_id is None:
            return "—"
        return f"@{row.actor_name}" if row.actor_name else row.actor_id

    @admin.display(description=_("what of"))
    def resource(self, row: Any) -> str:
        if row.resource_type == "user" and row.resource_name:
            return f"@{row.resource_name}"
        return f"{row.resource_type} {row.resource_id}".strip()

    @admin.display(description=_("details"))
    def said(self, row: AuditLog) -> str:
        return ", ".join(f"{name}: {value}" for name, value in row.details.items())


def written(rows: QuerySet[AuditLog]) -> Iterator[str]:
    """Return rows as lines of CSV, the newest first. What was added after the first is not among them."""
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    batch = list(rows.order_by("-id")[:BATCH])
    while batch:
        yield "".join(writer.writerow([_cell(getattr(row, column)) for column in COLUMNS]) for row in batch)
        batch = list(rows.filter(id__lt=batch[-1].id).order_by("-id")[:BATCH])


class _Echo:
    """A file that gives back what is written into it."""

    def write(self, text: str) -> str:
        return text

    def writelines(self, texts: Iterable[str]) -> None:
        raise NotImplementedError


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = orjson.dumps(value).decode() if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text

"""What every page of the admin stands on: lists that cost the same however long they are, and change nothing."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern

# Generic to the type checker alone.
if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]
    AnyPaginator = Paginator[Any]
else:
    AnyModelAdmin = admin.ModelAdmin
    AnyPaginator = Paginator

# How far a list is counted and paged; who looks for something older filters or searches.
COUNTED = 10_000
_UNUSED = ("_add", "_delete", "_history")


class BoundedPaginator(AnyPaginator):
    """Pages of a list that is counted as far as COUNTED: the count of a long table would cost more than the page."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[:COUNTED].count()
        return len(rows)


class ReadOnlyAdmin(AnyModelAdmin):
    """Lists and shows; whatever is changed is changed by services, on pages of their own."""

    actions = None
    list_per_page = 50
    list_max_show_all = 0
    paginator = BoundedPaginator
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    change_form_template = "admin/read_only.html"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Take the filters that the page offers, and no others.

        Django takes every column of the table: by the beginning of a text, one letter after the other, staff could read
        what no page of theirs shows.
        """
        return lookup in {name for each in self.list_filter for name in _parameters_of(each)}

    def get_urls(self) -> list[URLPattern]:
        """Return the pages of a list and of one row: none is added, deleted, or has a history of changes."""
        return [each for each in super().get_urls() if not str(each.name).endswith(_UNUSED)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _parameters_of(list_filter: Any) -> tuple[str, ...]:
    if isinstance(list_filter, str):
        return (list_filter, f"{list_filter}__exact")
    return (list_filter.parameter_name,)

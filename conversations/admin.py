"""Conversations, as staff see them: of private ones neither title nor members."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat_project.core.admin import ReadOnlyAdmin
from chat_project.core.db.cuid import is_cuid
from conversations.models import Conversation


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("id", "public_title", "type", "member_count", "messages_sent", "created_at", "archived_at")
    list_filter = ("type",)
    search_fields = ("handle",)
    search_help_text = _("The beginning of a handle, or an id")
    ordering = ("-id",)
    fields = (
        "id",
        "type",
        "handle",
        "public_title",
        "member_count",
        "messages_sent",
        "created_at",
        "archived_at",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("description", "settings", "dm_key")

    @admin.display(description=_("public title"))
    def public_title(self, conversation: Conversation) -> str:
        return f"{conversation.title} (@{conversation.handle})" if conversation.handle else gettext("private")

    @admin.display(description=_("messages sent"))
    def messages_sent(self, conversation: Conversation) -> int:
        return conversation.last_seq

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return a conversation that is named by its id on the page: its own name would be its title."""
        found: Conversation | None = super().get_object(request, object_id, from_field)
        if found is not None and not found.handle:
            found.title = ""
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().removeprefix("@").lower()
        if not term:
            return queryset, False
        return queryset.filter(id=term) if is_cuid(term) else queryset.filter(handle__startswith=term), False

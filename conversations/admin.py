"""Conversations, as staff see them: those that anybody may find. Of private ones a report alone tells."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat_project.core.admin import ReadOnlyAdmin
from chat_project.core.db.cuid import is_cuid
from conversations.models import Conversation


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("id", "title", "handle", "type", "member_count", "messages_sent", "created_at", "archived_at")
    list_filter = ("type",)
    search_fields = ("handle",)
    search_help_text = _("The beginning of a handle, or an id")
    ordering = ("-id",)
    fields = (
        "id",
        "type",
        "handle",
        "title",
        "member_count",
        "messages_sent",
        "created_at",
        "archived_at",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(handle__isnull=False).defer("description", "settings", "dm_key")

    @admin.display(description=_("messages sent"))
    def messages_sent(self, conversation: Conversation) -> int:
        return conversation.last_seq

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().removeprefix("@").lower()
        if not term:
            return queryset, False
        return queryset.filter(id=term) if is_cuid(term) else queryset.filter(handle__startswith=term), False

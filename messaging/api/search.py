"""Searching messages over REST."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from chat_project.core.api.pagination import parse_limit
from chat_project.core.api.params import text_param
from chat_project.core.api.schema import PAGE_PARAMETERS, page_of, problem
from chat_project.core.db.cuid import is_cuid
from chat_project.core.errors import InvalidError
from conversations.errors import ConversationNotFoundError
from messaging import representations
from messaging.api import schemas
from messaging.enums import MessageType
from messaging.search import Filters, Hit
from messaging.search_query import QUERY_MAX_LENGTH, SearchQuery
from messaging.services.searching import search_messages
from messaging.snippets import snippet_of

SEARCH_PARAMETERS = [
    OpenApiParameter("q", str, description='Words, the last may be begun only, and "phrases" in quotes.'),
    OpenApiParameter("conversation_id", str, description="Only in this conversation."),
    OpenApiParameter("sender_id", str, description="Only what this person wrote."),
    OpenApiParameter("type", str, enum=MessageType.values),
    OpenApiParameter("since", datetime, description="Only from this time on."),
    OpenApiParameter("until", datetime, description="Only before this time."),
    *PAGE_PARAMETERS,
]


class HitSchema(serializers.Serializer[Any]):
    message = schemas.MessageSchema()
    snippet = serializers.CharField()
    highlights = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        help_text="[start, end] of each match in the snippet, in UTF-16 code units.",
    )


class MessageSearchView(APIView):
    """Search of messages."""

    @extend_schema(
        operation_id="search_messages",
        parameters=SEARCH_PARAMETERS,
        responses={200: page_of(HitSchema), 404: problem("not_found")},
    )
    def get(self, request: AuthenticatedRequest) -> Response:
        """Search all that I may see, newest first. A page may be short though `next` stands."""
        params = request.query_params
        page = search_messages(
            viewer=request.user,
            filters=_filters(params),
            q=text_param(params, "q", max_length=QUERY_MAX_LENGTH),
            limit=parse_limit(params),
            cursor=params.get("cursor"),
        )
        return Response({"results": [_rendered(hit, page.query) for hit in page.results], "next": page.next})


def _rendered(hit: Hit, query: SearchQuery) -> dict[str, Any]:
    snippet, highlights = snippet_of(hit.row.content, query.places(hit.row.content))
    return {
        "message": representations.message(hit.row, hit.scope),
        "snippet": snippet,
        "highlights": highlights,
    }


def _filters(params: Mapping[str, str]) -> Filters:
    conversation_id = params.get("conversation_id")
    if conversation_id is not None and not is_cuid(conversation_id):
        raise ConversationNotFoundError
    return Filters(
        conversation_id=conversation_id,
        sender_id=params.get("sender_id"),
        type=params.get("type"),
        since=_time(params, "since"),
        until=_time(params, "until"),
    )


def _time(params: Mapping[str, str], name: str) -> datetime | None:
    text = params.get(name)
    if text is None:
        return None
    error = InvalidError.of(name, "This must be a time with its zone, like 2026-01-31T12:00:00Z.")
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise error
        return time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise error from None

"""Conversations over REST, as their members see them: a dialog's home is messaging, which knows its last message."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from chat_project.core.api.pagination import parse_limit
from chat_project.core.api.params import text_param
from chat_project.core.api.schema import PAGE_PARAMETERS
from chat_project.core.api.serializers import StrictSerializer
from chat_project.core.errors import InvalidError
from chat_project.core.limits import hit_search
from conversations.enums import ConversationType
from conversations.services import create_conversation, open_dm
from messaging import representations
from messaging.api import schemas
from messaging.dialogs import SEARCH_MAX_LENGTH, get_dialog, list_dialogs

LIST_PARAMETERS = [
    OpenApiParameter("archived", bool, description="My archive instead of the rest."),
    OpenApiParameter("type", str, enum=ConversationType.values),
    OpenApiParameter("q", str, description="Part of a title, or of the other person's name."),
    *PAGE_PARAMETERS,
]


class CreateBody(StrictSerializer):
    """A DM takes `user_id` alone; groups and channels take the rest."""

    type = serializers.ChoiceField(ConversationType.choices)
    user_id = serializers.CharField(required=False)
    title = serializers.CharField(required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    handle = serializers.CharField(required=False, allow_null=True)
    member_ids = serializers.ListField(child=serializers.CharField(), required=False)
    settings = serializers.DictField(required=False)


class ConversationListView(APIView):
    """My conversations."""

    @extend_schema(
        operation_id="conversations_list", parameters=LIST_PARAMETERS, responses=schemas.ConversationPageSchema
    )
    def get(self, request: AuthenticatedRequest) -> Response:
        """List my conversations: pinned first, then by last activity."""
        params = request.query_params
        q = text_param(params, "q", max_length=SEARCH_MAX_LENGTH)
        if q:
            hit_search(request.user.pk)
        page = list_dialogs(
            viewer=request.user,
            archived=params.get("archived") == "true",
            type=params.get("type"),
            q=q,
            limit=parse_limit(params),
            cursor=params.get("cursor"),
        )
        results = [representations.conversation(dialog) for dialog in page.results]
        return Response({"results": results, "next": page.next})

    @extend_schema(
        operation_id="conversations_create",
        request=CreateBody,
        responses={201: schemas.CreatedConversationSchema, 200: schemas.ConversationSchema},
    )
    def post(self, request: AuthenticatedRequest) -> Response:
        """Open a DM (200 where it stands already), or create a group or a channel, whose owner I am."""
        fields = CreateBody.read(request.data)
        kind = ConversationType(fields.pop("type"))
        if kind == ConversationType.DM:
            return self._open_dm(request, fields)
        _refuse(fields, {"user_id"})
        if "title" not in fields:
            raise InvalidError.of("title", "This field is required.")
        conversation_id, not_added = create_conversation(creator=request.user, type=kind, **fields)
        dialog = get_dialog(viewer=request.user, conversation_id=conversation_id)
        body = {**representations.conversation(dialog), "not_added": not_added}
        return Response(body, status=status.HTTP_201_CREATED)

    def _open_dm(self, request: AuthenticatedRequest, fields: dict[str, Any]) -> Response:
        _refuse(fields, fields.keys() - {"user_id"})
        if "user_id" not in fields:
            raise InvalidError.of("user_id", "This field is required.")
        conversation_id, is_new = open_dm(creator=request.user, user_id=fields["user_id"])
        dialog = get_dialog(viewer=request.user, conversation_id=conversation_id)
        created = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(representations.conversation(dialog), status=created)


def _refuse(fields: dict[str, Any], names: Any) -> None:
    """Refuse fields that this type of conversation does not take."""
    given = sorted(set(names) & fields.keys())
    if given:
        raise InvalidError(errors={name: ["This type of conversation does not take it."] for name in given})

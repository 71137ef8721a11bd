"""What is public, and who asks to join, over REST."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from chat_project.core.api.pagination import parse_limit
from chat_project.core.api.params import text_param
from chat_project.core.api.schema import PAGE_PARAMETERS, page_of, problem
from chat_project.core.api.serializers import EmptyBody
from chat_project.core.limits import hit_search
from conversations import representations
from conversations.api import schemas
from conversations.api.members import rendered_member
from conversations.models.conversations import TITLE_MAX_LENGTH
from conversations.selectors.invites import list_join_requests
from conversations.selectors.members import find_members
from conversations.selectors.memberships import require_membership
from conversations.selectors.public import search_public
from conversations.services import approve_join_request, decline_join_request

PUBLIC_PARAMETERS = [
    OpenApiParameter("q", str, description="The beginning of a handle, with or without @, or of a title."),
    *PAGE_PARAMETERS,
]


class PublicListView(APIView):
    """Groups and channels with a handle."""

    @extend_schema(
        operation_id="conversations_public",
        parameters=PUBLIC_PARAMETERS,
        responses=page_of(schemas.PublicConversationSchema),
    )
    def get(self, request: AuthenticatedRequest) -> Response:
        """Search what is public."""
        params = request.query_params
        hit_search(request.user.pk)
        page = search_public(
            viewer=request.user,
            query=text_param(params, "q", max_length=TITLE_MAX_LENGTH),
            limit=parse_limit(params),
            cursor=params.get("cursor"),
        )
        results = [representations.public_conversation(row, is_member=is_member) for row, is_member in page.results]
        return Response({"results": results, "next": page.next})


class JoinRequestListView(APIView):
    """Who asks to join."""

    @extend_schema(
        operation_id="join_requests_list", parameters=PAGE_PARAMETERS, responses=page_of(schemas.JoinRequestSchema)
    )
    def get(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """List who asks to join, who waits longest first."""
        params = request.query_params
        page = list_join_requests(
            viewer=request.user,
            conversation_id=conversation_id,
            limit=parse_limit(params),
            cursor=params.get("cursor"),
        )
        results = [representations.join_request(row, person) for row, person in page.results]
        return Response({"results": results, "next": page.next})


class ApproveView(APIView):
    """Letting somebody in."""

    @extend_schema(
        operation_id="join_requests_approve",
        request=None,
        responses={200: schemas.MemberSchema, 409: problem("conversation_full")},
    )
    def post(self, request: AuthenticatedRequest, conversation_id: str, user_id: str) -> Response:
        """Let somebody in who asks to join."""
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        EmptyBody.read(request.data)
        approve_join_request(actor=request.user, conversation_id=conversation_id, user_id=user_id)
        [member] = find_members(viewer=request.user, conversation_id=conversation_id, user_ids=[user_id])
        return Response(rendered_member(member))


class DeclineView(APIView):
    """Not letting somebody in."""

    @extend_schema(operation_id="join_requests_decline", request=None, responses={204: None})
    def post(self, request: AuthenticatedRequest, conversation_id: str, user_id: str) -> Response:
        """Decline somebody's wish to join."""
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        EmptyBody.read(request.data)
        decline_join_request(actor=request.user, conversation_id=conversation_id, user_id=user_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

"""What people attach to messages over REST: reactions and pins."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from chat_project.core.api.pagination import parse_limit
from chat_project.core.api.schema import PAGE_PARAMETERS, page_of, problem
from chat_project.core.api.serializers import EmptyBody
from conversations.selectors.memberships import require_membership
from messaging import representations
from messaging.api import schemas
from messaging.reactors import list_reactors
from messaging.services import pin_message, set_reaction, unpin_message, unset_reaction
from messaging.services.pace import require_pace

EMOJI_PARAMETER = OpenApiParameter("emoji", str, description="Only people with this emoji.")


class ReactorListView(APIView):
    """Who reacted to a message."""

    @extend_schema(
        operation_id="messages_reactors",
        parameters=[EMOJI_PARAMETER, *PAGE_PARAMETERS],
        responses=page_of(schemas.ReactorSchema),
    )
    def get(self, request: AuthenticatedRequest, conversation_id: str, message_id: str) -> Response:
        """List who reacted, the first one first; in a channel as far as its members are seen."""
        params = request.query_params
        page = list_reactors(
            viewer=request.user,
            conversation_id=conversation_id,
            message_id=message_id,
            emoji=params.get("emoji"),
            limit=parse_limit(params),
            cursor=params.get("cursor"),
        )
        return Response({"results": [representations.reactor(row) for row in page.results], "next": page.next})


class ReactionView(APIView):
    """My emoji on a message."""

    @extend_schema(
        operation_id="messages_react",
        request=None,
        responses={200: schemas.MessageSchema, 409: problem("too_many_reactions")},
    )
    def put(self, request: AuthenticatedRequest, **key: str) -> Response:
        """React with an emoji."""
        _require_nothing_given(request, key["conversation_id"])
        require_pace(request.user.pk)
        return Response(set_reaction(actor_id=request.user.pk, **key))

    @extend_schema(operation_id="messages_unreact", request=None, responses=schemas.MessageSchema)
    def delete(self, request: AuthenticatedRequest, **key: str) -> Response:
        """Take my emoji away."""
        require_membership(viewer_id=request.user.pk, conversation_id=key["conversation_id"])
        require_pace(request.user.pk)
        return Response(unset_reaction(actor_id=request.user.pk, **key))


class PinView(APIView):
    """A message's pin."""

    @extend_schema(operation_id="messages_pin", request=None, responses=schemas.MessageSchema)
    def put(self, request: AuthenticatedRequest, **key: str) -> Response:
        """Pin a message for all."""
        _require_nothing_given(request, key["conversation_id"])
        require_pace(request.user.pk)
        return Response(pin_message(actor_id=request.user.pk, **key))

    @extend_schema(operation_id="messages_unpin", request=None, responses=schemas.MessageSchema)
    def delete(self, request: AuthenticatedRequest, **key: str) -> Response:
        """Take the pin away."""
        require_membership(viewer_id=request.user.pk, conversation_id=key["conversation_id"])
        require_pace(request.user.pk)
        return Response(unpin_message(actor_id=request.user.pk, **key))


def _require_nothing_given(request: AuthenticatedRequest, conversation_id: str) -> None:
    require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
    EmptyBody.read(request.data)

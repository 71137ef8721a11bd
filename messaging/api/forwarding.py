"""Forwarding over REST."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from conversations.selectors.memberships import require_membership
from messaging import bodies
from messaging.api import schemas
from messaging.services import forward_messages
from messaging.services.pace import require_pace


class ForwardView(APIView):
    """Copies of messages from elsewhere."""

    @extend_schema(
        operation_id="messages_forward",
        request=schemas.ForwardSchema,
        responses={201: schemas.ForwardedSchema},
    )
    def post(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Forward up to 100 messages of one conversation to this one, in the order in which they were said."""
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        from_conversation_id, message_ids = bodies.forwarding(request.data)
        require_pace(request.user.pk, messages=len(message_ids))
        messages = forward_messages(
            sender=request.user,
            conversation_id=conversation_id,
            from_conversation_id=from_conversation_id,
            message_ids=message_ids,
        )
        return Response({"results": messages}, status=status.HTTP_201_CREATED)

"""Who got a message, and how far messages have reached me, over REST."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from chat_project.core.api.pagination import parse_limit
from chat_project.core.api.schema import PAGE_PARAMETERS, page_of
from conversations.selectors.memberships import require_membership
from messaging import bodies, representations
from messaging.api import schemas
from messaging.receipts import list_receipts
from messaging.services import mark_delivered


class DeliveredView(APIView):
    """How far messages have reached me."""

    @extend_schema(operation_id="conversations_delivered", request=schemas.ReadSchema, responses=schemas.ReadingSchema)
    def post(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Note that all up to a message has arrived; never moves back."""
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        reading = mark_delivered(
            receiver_id=request.user.pk,
            conversation_id=conversation_id,
            message_id=bodies.read_up_to(request.data),
        )
        return Response(reading)


class ReceiptListView(APIView):
    """Who got a message, and who has read it."""

    @extend_schema(
        operation_id="messages_receipts", parameters=PAGE_PARAMETERS, responses=page_of(schemas.ReceiptSchema)
    )
    def get(self, request: AuthenticatedRequest, conversation_id: str, message_id: str) -> Response:
        """List them by person, for the sender, OWNER and ADMINs; as far as privacy shows it."""
        page = list_receipts(
            viewer=request.user,
            conversation_id=conversation_id,
            message_id=message_id,
            limit=parse_limit(request.query_params),
            cursor=request.query_params.get("cursor"),
        )
        return Response({"results": [representations.receipt(row) for row in page.results], "next": page.next})

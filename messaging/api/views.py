"""Messages over REST."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from chat_project.core.api.pagination import parse_limit
from chat_project.core.api.schema import PAGE_PARAMETERS, page_of
from chat_project.core.errors import InvalidError
from conversations.selectors.memberships import require_membership
from messaging import bodies, representations, selectors
from messaging.api import schemas
from messaging.edits import list_edits
from messaging.payloads import sync_payload
from messaging.selectors import HistoryQuery
from messaging.services import delete_message, edit_message, mark_read, send_message
from messaging.services.pace import require_pace

HISTORY_PARAMETERS = [
    OpenApiParameter("before", str, description="The id of a message: what came before it."),
    OpenApiParameter("after", str, description="The id of a message: what came after it, oldest first."),
    OpenApiParameter("around", str, description="The id of a message: it, and half a page to each side."),
    OpenApiParameter("type", str, description="Only messages of this type."),
    OpenApiParameter("pinned", bool, description="Only pinned messages."),
]


class MessageListView(APIView):
    """A conversation's timeline."""

    @extend_schema(operation_id="messages_list", parameters=HISTORY_PARAMETERS, responses=schemas.MessagePageSchema)
    def get(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Read a page of history, newest first (`after`: oldest first)."""
        params = request.query_params
        page = selectors.list_messages(
            viewer=request.user,
            conversation_id=conversation_id,
            query=HistoryQuery(
                before=params.get("before"),
                after=params.get("after"),
                around=params.get("around"),
                type=params.get("type"),
                pinned=params.get("pinned") == "true",
            ),
            limit=parse_limit(params),
            cursor=params.get("cursor"),
        )
        body = {
            "results": [representations.message(row, page.scope) for row in page.results],
            "next": page.next,
            "archived_to_seq": page.archived_to_seq,
        }
        if "around" in params:
            body["previous"] = page.previous
        return Response(body)

    @extend_schema(
        operation_id="messages_send",
        request=schemas.SendSchema,
        responses={201: schemas.MessageSchema, 200: schemas.MessageSchema},
    )
    def post(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Send a message; the same `client_id` again answers 200 with the first one."""
        try:
            outgoing = bodies.outgoing(request.data)
        except InvalidError:
            # Who is no member is not even told what is wrong with the body; for a good one the service asks once.
            require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
            raise
        require_pace(request.user.pk)
        message, is_new = send_message(sender=request.user, conversation_id=conversation_id, outgoing=outgoing)
        return Response(message, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


class MessageView(APIView):
    """One message."""

    @extend_schema(operation_id="messages_get", responses=schemas.MessageSchema)
    def get(self, request: AuthenticatedRequest, conversation_id: str, message_id: str) -> Response:
        """Read a message; a deleted one is a tombstone without content."""
        row, scope = selectors.get_message(
            viewer_id=request.user.pk, conversation_id=conversation_id, message_id=message_id
        )
        return Response(representations.message(row, scope))

    @extend_schema(operation_id="messages_edit", request=schemas.EditSchema, responses=schemas.MessageSchema)
    def patch(self, request: AuthenticatedRequest, conversation_id: str, message_id: str) -> Response:
        """Replace the text of a message of your own; the same text again changes nothing."""
        key = {"conversation_id": conversation_id, "message_id": message_id}
        selectors.require_message(viewer_id=request.user.pk, **key)
        content = bodies.new_text(request.data)
        require_pace(request.user.pk)
        return Response(edit_message(editor_id=request.user.pk, content=content, **key))

    @extend_schema(operation_id="messages_delete", responses={204: None})
    def delete(self, request: AuthenticatedRequest, conversation_id: str, message_id: str) -> Response:
        """Delete a message for all; a deleted one stays so."""
        require_pace(request.user.pk)
        delete_message(actor_id=request.user.pk, conversation_id=conversation_id, message_id=message_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class EditListView(APIView):
    """The texts of a message before each edit."""

    @extend_schema(operation_id="messages_edits", parameters=PAGE_PARAMETERS, responses=page_of(schemas.EditedSchema))
    def get(self, request: AuthenticatedRequest, conversation_id: str, message_id: str) -> Response:
        """List them, the first one first, for the sender and who may delete that person's messages."""
        page = list_edits(
            viewer=request.user,
            conversation_id=conversation_id,
            message_id=message_id,
            limit=parse_limit(request.query_params),
            cursor=request.query_params.get("cursor"),
        )
        return Response({"results": [representations.edit(row) for row in page.results], "next": page.next})


class ReadView(APIView):
    """How far I have read."""

    @extend_schema(operation_id="conversations_read", request=schemas.ReadSchema, responses=schemas.ReadingSchema)
    def post(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Mark all up to a message as read; never moves back."""
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        reading = mark_read(
            reader_id=request.user.pk,
            conversation_id=conversation_id,
            message_id=bodies.read_up_to(request.data),
        )
        return Response(reading)


class SyncView(APIView):
    """What changed."""

    @extend_schema(operation_id="sync", request=schemas.SyncBodySchema, responses=schemas.SyncSchema)
    def post(self, request: AuthenticatedRequest) -> Response:
        """Give the versions that you hold, and get what changed since."""
        return Response(sync_payload(viewer=request.user, query=bodies.sync_query(request.data)))

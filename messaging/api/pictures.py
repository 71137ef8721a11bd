"""Conversations' pictures, judged at each fetch; a change answers the Conversation as the caller sees it."""

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from accounts.api.avatars import PICTURE_PARAMETERS, PICTURE_RESPONSES, PictureNegotiation, picture_response
from accounts.api.serializers import AvatarBody
from conversations.selectors.avatars import get_avatar_key
from conversations.selectors.memberships import require_membership
from conversations.services import change_picture, remove_picture
from messaging import representations
from messaging.api import schemas
from messaging.dialogs import get_dialog


class PictureView(APIView):
    """The picture of a group or a channel."""

    content_negotiation_class = PictureNegotiation
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="conversations_avatar",
        parameters=[*PICTURE_PARAMETERS, OpenApiParameter("invite", str, description="The code of an invite to it.")],
        responses=PICTURE_RESPONSES,
    )
    def get(self, request: AuthenticatedRequest, conversation_id: str) -> HttpResponseBase:
        """Get a conversation's picture. 404 also where it is not for the caller to see."""
        invite = request.query_params.get("invite", "")
        key = get_avatar_key(viewer=request.user, conversation_id=conversation_id, invite=invite)
        return picture_response(request, key)

    @extend_schema(
        operation_id="conversations_avatar_change",
        summary="Change a conversation's picture",
        description="A JPEG, PNG, GIF, WebP or AVIF of at most 10 MiB and 50 million pixels; its middle is kept.",
        request={"multipart/form-data": AvatarBody},
        responses={200: schemas.ConversationSchema},
    )
    def put(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        file = AvatarBody.read(request.data)["file"]
        change_picture(actor=request.user, conversation_id=conversation_id, file=file, size=file.size)
        return self._conversation(request, conversation_id)

    @extend_schema(
        operation_id="conversations_avatar_remove",
        summary="Remove a conversation's picture",
        responses={200: schemas.ConversationSchema},
    )
    def delete(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        remove_picture(actor=request.user, conversation_id=conversation_id)
        return self._conversation(request, conversation_id)

    def _conversation(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        return Response(representations.conversation(get_dialog(viewer=request.user, conversation_id=conversation_id)))

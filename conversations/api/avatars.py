"""Conversations' pictures, judged at each fetch."""

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from accounts.api.avatars import PICTURE_PARAMETERS, PICTURE_RESPONSES, PictureNegotiation, picture_response
from conversations.selectors.avatars import get_avatar_key


class ConversationAvatarView(APIView):
    """The picture of a group or a channel."""

    content_negotiation_class = PictureNegotiation

    @extend_schema(operation_id="conversations_avatar", parameters=PICTURE_PARAMETERS, responses=PICTURE_RESPONSES)
    def get(self, request: AuthenticatedRequest, conversation_id: str) -> HttpResponseBase:
        """Get a conversation's picture. 404 also where it is not for the caller to see."""
        return picture_response(request, get_avatar_key(viewer=request.user, conversation_id=conversation_id))

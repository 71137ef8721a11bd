"""Shared media over REST."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from chat_project.core.api.pagination import parse_limit
from chat_project.core.api.schema import PAGE_PARAMETERS
from messaging import representations
from messaging.api import schemas
from messaging.drafts import MEDIA_TYPES
from messaging.media import list_media


class MediaView(APIView):
    """The messages of a conversation that have files."""

    @extend_schema(
        operation_id="messages_media",
        parameters=[
            OpenApiParameter(
                "type", str, enum=[str(each) for each in MEDIA_TYPES], description="Only messages of this type."
            ),
            *PAGE_PARAMETERS,
        ],
        responses=schemas.MediaPageSchema,
    )
    def get(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """List them, newest first, without deleted ones; a cursor carries its type."""
        params = request.query_params
        page = list_media(
            viewer=request.user,
            conversation_id=conversation_id,
            type=params.get("type"),
            limit=parse_limit(params),
            cursor=params.get("cursor"),
        )
        return Response(
            {"results": [representations.message(row, page.scope) for row in page.results], "next": page.next}
        )

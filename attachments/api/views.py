"""Files over REST, judged at each call."""

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from accounts.api.avatars import PictureNegotiation
from attachments import representations
from attachments.api.schemas import FileBody, FileSchema
from attachments.errors import AttachmentNotFoundError
from attachments.selectors import get_attachment, get_ready_attachment
from attachments.services.uploading import delete_upload, require_may_upload, upload_file
from chat_project.core.api.schema import problem
from chat_project.core.stored_files import file_response

_BYTES = {
    (200, "application/octet-stream"): OpenApiTypes.BINARY,
    (206, "application/octet-stream"): OpenApiTypes.BINARY,
    304: None,
    403: problem("attachment_infected"),
    409: problem("attachment_not_ready"),
    416: problem("range_outside"),
}


class UploadView(APIView):
    """Files that are to be sent."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="attachments_upload",
        description="At most ATTACHMENT_MAX_BYTES; its type is told by its bytes. It is yours alone until it is sent.",
        request={"multipart/form-data": FileBody},
        responses={
            201: FileSchema,
            409: problem("quota_exceeded", "conversation_quota_exceeded", "too_many_uploads"),
        },
    )
    def post(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Upload a file to a conversation."""
        require_may_upload(uploader=request.user, conversation_id=conversation_id)
        file = FileBody.read(request.data)["file"]
        row = upload_file(
            uploader=request.user, conversation_id=conversation_id, file=file, file_name=file.name, size=file.size
        )
        return Response(representations.attachment(row), status=status.HTTP_201_CREATED)


class AttachmentView(APIView):
    """One file."""

    @extend_schema(operation_id="attachments_get", responses=FileSchema)
    def get(self, request: AuthenticatedRequest, conversation_id: str, attachment_id: str) -> Response:
        """Read what is known of a file."""
        row = get_attachment(viewer_id=request.user.pk, conversation_id=conversation_id, attachment_id=attachment_id)
        return Response(representations.attachment(row))

    @extend_schema(operation_id="attachments_delete", responses={204: None})
    def delete(self, request: AuthenticatedRequest, conversation_id: str, attachment_id: str) -> Response:
        """Take back an upload that is not sent."""
        delete_upload(uploader=request.user, conversation_id=conversation_id, attachment_id=attachment_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ContentView(APIView):
    """The bytes of a file."""

    content_negotiation_class = PictureNegotiation

    @extend_schema(
        operation_id="attachments_content",
        parameters=[OpenApiParameter("download", str, description="Given, with any value: never shown, but saved.")],
        responses=_BYTES,
    )
    def get(self, request: AuthenticatedRequest, conversation_id: str, attachment_id: str) -> HttpResponseBase:
        """Get a file, whole or one Range of it; 409 before it is ready."""
        row = get_ready_attachment(
            viewer_id=request.user.pk, conversation_id=conversation_id, attachment_id=attachment_id
        )
        return _bytes(
            request,
            key=row.object_key,
            content_type=row.mime_type,
            file_name=row.file_name,
            as_download="download" in request.query_params,
        )


class ThumbnailView(APIView):
    """The small picture of a file."""

    content_negotiation_class = PictureNegotiation

    @extend_schema(
        operation_id="attachments_thumbnail",
        parameters=[OpenApiParameter("size", str, enum=["thumbnail", "preview"], default="thumbnail")],
        responses=_BYTES,
    )
    def get(self, request: AuthenticatedRequest, conversation_id: str, attachment_id: str) -> HttpResponseBase:
        """Get the thumbnail, a WebP of at most 320 pixels a side, or the preview of 1280; 404 where there is none."""
        row = get_ready_attachment(
            viewer_id=request.user.pk, conversation_id=conversation_id, attachment_id=attachment_id
        )
        key = row.preview_key if request.query_params.get("size") == "preview" else row.thumbnail_key
        if key is None:
            raise AttachmentNotFoundError
        return _bytes(request, key=key, content_type="image/webp", file_name="thumbnail.webp")


def _bytes(
    request: AuthenticatedRequest, *, key: str, content_type: str, file_name: str, as_download: bool = False
) -> HttpResponseBase:
    try:
        return file_response(
            request._request,
            key=key,
            content_type=content_type,
            file_name=file_name,
            as_download=as_download,
            is_reusable=True,
        )
    except FileNotFoundError:
        raise AttachmentNotFoundError from None

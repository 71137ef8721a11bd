"""Uploads that go to the storage itself, or to an address of this server that is signed for one file."""

from collections.abc import Mapping
from typing import IO, Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from attachments import representations
from attachments.api.schemas import FileSchema, PresignBody, PresignedSchema
from attachments.errors import UploadMismatchError
from attachments.models import Attachment
from attachments.services.presigning import begin_upload, complete_upload, receive_upload
from attachments.services.uploading import require_may_upload
from attachments.upload_grants import granted_size, upload_address
from chat_project.core.api.schema import problem
from chat_project.core.api.serializers import EmptyBody
from chat_project.core.storage import GENERIC_TYPE, objects


class BytesParser(BaseParser):
    """A body that is a file, left unread."""

    media_type = GENERIC_TYPE

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        return stream


class PresignView(APIView):
    """Uploads that are begun."""

    @extend_schema(
        operation_id="attachments_presign",
        description="Upload the file as `upload` says, then complete it. The address takes this size alone.",
        request=PresignBody,
        responses={
            201: PresignedSchema,
            409: problem("quota_exceeded", "conversation_quota_exceeded", "too_many_uploads"),
        },
    )
    def post(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Begin an upload; return where its bytes go."""
        require_may_upload(uploader=request.user, conversation_id=conversation_id)
        body = PresignBody.read(request.data)
        row = begin_upload(
            uploader=request.user,
            conversation_id=conversation_id,
            file_name=body["file_name"],
            size=body["size"],
            sha256=body.get("sha256", ""),
        )
        answer = {"attachment": representations.attachment(row), "upload": _upload(request, row)}
        return Response(answer, status=status.HTTP_201_CREATED)


class ReceiveView(APIView):
    """An address that takes one upload; its signature is the credential."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (BytesParser,)

    @extend_schema(
        operation_id="attachments_receive",
        description="The address comes from `presign`. Before the upload is complete, it may be sent again.",
        parameters=[
            OpenApiParameter(name, str, required=True, description="A part of what was signed.")
            for name in ("size", "expires", "key", "signature")
        ],
        request={GENERIC_TYPE: OpenApiTypes.BINARY},
        responses={
            204: None,
            403: problem("upload_address_invalid"),
            409: problem("upload_closed", "upload_mismatch"),
        },
    )
    def put(self, request: Request, conversation_id: str, attachment_id: str) -> Response:
        """Bring the bytes of an upload that was begun."""
        # Of another media type it is refused here; nothing of it is read.
        file = request.data
        query = request.META["QUERY_STRING"]
        size = granted_size(conversation_id=conversation_id, attachment_id=attachment_id, query=query)
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if not length:
            raise UploadMismatchError(errors={"size": [f"Announced were {size}."]})
        receive_upload(
            conversation_id=conversation_id, attachment_id=attachment_id, size=length, file=cast(IO[bytes], file)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class CompleteView(APIView):
    """Uploads that are there."""

    @extend_schema(
        operation_id="attachments_complete",
        request=None,
        responses={200: FileSchema, 409: problem("upload_missing", "upload_mismatch")},
    )
    def post(self, request: AuthenticatedRequest, conversation_id: str, attachment_id: str) -> Response:
        """Have an upload taken and checked."""
        require_may_upload(uploader=request.user, conversation_id=conversation_id)
        EmptyBody.read(request.data)
        row = complete_upload(uploader=request.user, conversation_id=conversation_id, attachment_id=attachment_id)
        return Response(representations.attachment(row))


def _upload(request: Request, row: Attachment) -> dict[str, Any]:
    form = objects.upload_form(row.object_key, size=row.size, seconds=settings.UPLOAD_SECONDS)
    if form is not None:
        return {"method": "POST", "url": form.url, "headers": {}, "fields": form.fields}
    path = upload_address(
        conversation_id=row.conversation_id, attachment_id=row.id, size=row.size, seconds=settings.UPLOAD_SECONDS
    )
    url = f"{urlsplit(settings.SITE_URL).scheme}://{request.get_host()}{path}"
    return {"method": "PUT", "url": url, "headers": {"Content-Type": GENERIC_TYPE}, "fields": {}}

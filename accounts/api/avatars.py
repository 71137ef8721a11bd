"""People's pictures, judged at each fetch."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import representations
from accounts.api.authentication import AuthenticatedRequest
from accounts.api.schemas import MeSchema
from accounts.api.serializers import AvatarBody
from accounts.avatars import CONTENT_TYPE, SIDE, SMALL_SIDE, avatar_version, read_avatar
from accounts.selectors.avatars import get_avatar_key
from accounts.services.avatars import change_avatar, remove_avatar
from chat_project.core.errors import NotFoundError

SMALL = "small"
PICTURE_PARAMETERS = [
    OpenApiParameter(
        "size",
        str,
        enum=[SMALL],
        description=f"`{SMALL}`: {SMALL_SIDE} pixels to each side; else, and where there is no small one, {SIDE}.",
    )
]
PICTURE_RESPONSES = {(200, CONTENT_TYPE): OpenApiTypes.BINARY, 304: None}


class PictureNegotiation(DefaultContentNegotiation):
    """There is one form of a picture, whatever the client says that it accepts; refusals are problems as ever."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class UserAvatarView(APIView):
    """The picture of a person."""

    content_negotiation_class = PictureNegotiation

    @extend_schema(operation_id="users_avatar", parameters=PICTURE_PARAMETERS, responses=PICTURE_RESPONSES)
    def get(self, request: AuthenticatedRequest, user_id: str) -> HttpResponseBase:
        """Get a person's picture. 404 also where it is not for the caller to see."""
        return picture_response(request, get_avatar_key(viewer=request.user, user_id=user_id))


class MyAvatarView(APIView):
    """My own picture."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="users_me_avatar_change",
        summary="Change my picture",
        description="JPEG, PNG, GIF, WebP, AVIF, HEIC, BMP, at most 10 MiB and 50 million pixels; the middle is kept.",
        request={"multipart/form-data": AvatarBody},
        responses={200: MeSchema},
    )
    def put(self, request: AuthenticatedRequest) -> Response:
        file = AvatarBody.read(request.data)["file"]
        return Response(representations.me(change_avatar(user=request.user, file=file, size=file.size)))

    @extend_schema(operation_id="users_me_avatar_remove", summary="Remove my picture", responses={200: MeSchema})
    def delete(self, request: AuthenticatedRequest) -> Response:
        return Response(representations.me(remove_avatar(user=request.user)))


def picture_response(request: Request, key: str) -> HttpResponseBase:
    """Return a stored picture in the size that is asked for, or 304 where the client has it.

    Raises NotFoundError where the storage has it not.
    """
    small = request.query_params.get("size") == SMALL
    # Keys are never used twice, so a key stands for its bytes.
    etag = f'"{avatar_version(key)}{"-small" if small else ""}"'
    response = get_conditional_response(request._request, etag=etag) or _picture(key, small)
    response["ETag"] = etag
    # Kept by the browser, and asked for again each time: what may be seen can change.
    response["Cache-Control"] = "private, no-cache"
    return response


def _picture(key: str, small: bool) -> HttpResponse:
    data = read_avatar(key, small=small)
    if data is None:
        raise NotFoundError
    return HttpResponse(data, content_type=CONTENT_TYPE, headers={"Content-Disposition": "inline"})

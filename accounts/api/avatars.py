"""People's pictures, judged at each fetch."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from accounts.avatars import CONTENT_TYPE, avatar_version, read_avatar
from accounts.selectors.avatars import get_avatar_key
from chat_project.core.errors import NotFoundError

PICTURE_RESPONSES = {(200, CONTENT_TYPE): OpenApiTypes.BINARY, 304: None}


class PictureNegotiation(BaseContentNegotiation):
    """There is one form of a picture, whatever the client says that it accepts; refusals are problems as ever."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class UserAvatarView(APIView):
    """The picture of a person."""

    content_negotiation_class = PictureNegotiation

    @extend_schema(operation_id="users_avatar", responses=PICTURE_RESPONSES)
    def get(self, request: AuthenticatedRequest, user_id: str) -> HttpResponseBase:
        """Get a person's picture. 404 also where it is not for the caller to see."""
        return picture_response(request, get_avatar_key(viewer=request.user, user_id=user_id))


def picture_response(request: Request, key: str) -> HttpResponseBase:
    """Return a stored picture, or 304 where the client has it. Raises NotFoundError where the storage has it not."""
    # Keys are never used twice, so a key stands for its bytes.
    etag = f'"{avatar_version(key)}"'
    response = get_conditional_response(request._request, etag=etag) or _whole_picture(key)
    response["ETag"] = etag
    # Kept by the browser, and asked for again each time: what may be seen can change.
    response["Cache-Control"] = "private, no-cache"
    return response


def _whole_picture(key: str) -> HttpResponse:
    data = read_avatar(key)
    if data is None:
        raise NotFoundError
    return HttpResponse(data, content_type=CONTENT_TYPE, headers={"Content-Disposition": "inline"})

"""The addresses that take files, and who may send them any: judged before the first byte of a body is kept."""

import re
from http.cookies import SimpleCookie
from importlib import import_module

from channels.db import database_sync_to_async
from django.conf import settings

from accounts.services.authentication import authenticate_access, authenticate_browser
from accounts.services.avatars import AVATAR_MAX_BYTES
from attachments.upload_grants import granted_size
from chat_project.core.api.body_limit import Scope, UploadRoute

# What a form adds to its file.
FORM_BYTES = 1024 * 1024

_SIGNED = re.compile(r"/api/v1/conversations/([^/]+)/attachments/([^/]+)/upload")


def _granted(scope: Scope) -> int:
    match = _SIGNED.fullmatch(scope["path"])
    assert match is not None
    query = scope["query_string"].decode("latin-1")
    return granted_size(conversation_id=match[1], attachment_id=match[2], query=query)


UPLOADS = (
    UploadRoute("PUT", _SIGNED, settings.ATTACHMENT_MAX_BYTES, granted=_granted),
    UploadRoute(
        "POST",
        re.compile(r"/api/v1/conversations/[^/]+/attachments"),
        settings.ATTACHMENT_MAX_BYTES + FORM_BYTES,
    ),
    UploadRoute("PUT", re.compile(r"/api/v1/users/me/avatar"), AVATAR_MAX_BYTES + FORM_BYTES),
    UploadRoute("PUT", re.compile(r"/api/v1/conversations/[^/]+/avatar"), AVATAR_MAX_BYTES + FORM_BYTES),
    UploadRoute("POST", re.compile(r"/settings/profile/avatar"), AVATAR_MAX_BYTES + FORM_BYTES),
    UploadRoute("POST", re.compile(r"/c/[^/]+/info/edit"), AVATAR_MAX_BYTES + FORM_BYTES),
    UploadRoute("POST", re.compile(r"/new/(group|channel)/"), AVATAR_MAX_BYTES + FORM_BYTES),
)


async def is_signed_in(scope: Scope) -> bool:
    """Tell whether a request brings the credentials of a live session. What else it needs, its view asks."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return await database_sync_to_async(_is_signed_in, thread_sensitive=False)(
        headers.get("authorization"), headers.get("cookie", "")
    )


def _is_signed_in(authorization: str | None, cookie: str) -> bool:
    if authorization is not None:
        return authenticate_access(authorization.partition(" ")[2].strip()) is not None
    morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return morsel is not None and authenticate_browser(store(morsel.value)) is not None

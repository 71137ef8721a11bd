"""The addresses that take files, and who may send them any: judged before the first byte of a body is kept."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from importlib import import_module

from channels.db import database_sync_to_async
from django.conf import settings

from accounts.services.authentication import Identity, authenticate_access, authenticate_browser
from accounts.services.avatars import AVATAR_MAX_BYTES
from attachments.errors import TooManyUploadsError
from attachments.services.quota import require_free_disk
from attachments.upload_grants import granted_size
from chat_project.core import limits
from chat_project.core.api.body_limit import Scope, UploadRoute
from chat_project.core.errors import NotAuthenticatedError

# What a form adds to its file.
FORM_BYTES = 1024 * 1024
# How long a body counts as open that a process took down with it.
_FORGOTTEN_AFTER = 900

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
    UploadRoute("POST", re.compile(r"/c/[^/]+/send"), settings.ATTACHMENT_MAX_BYTES + FORM_BYTES),
    UploadRoute("POST", re.compile(r"/c/[^/]+/info/edit"), AVATAR_MAX_BYTES + FORM_BYTES),
    UploadRoute("POST", re.compile(r"/new/(group|channel)/"), AVATAR_MAX_BYTES + FORM_BYTES),
)


@asynccontextmanager
async def admitted(scope: Scope, size: int) -> AsyncIterator[None]:
    """Let somebody bring a large body, one of OPEN_UPLOADS at once; so does each address that is signed.

    What else it needs, its view asks. Raises NotAuthenticatedError, TooManyUploadsError, StorageFullError.
    """
    key = await database_sync_to_async(_begun, thread_sensitive=False)(scope, size)
    try:
        yield
    finally:
        await database_sync_to_async(limits.take_back, thread_sensitive=False)(key)


def _begun(scope: Scope, size: int) -> str:
    """Count a body among those that are open, and return as what."""
    key = f"open uploads:{_sender(scope)}"
    require_free_disk(size)
    if limits.count(key, seconds=_FORGOTTEN_AFTER).count > settings.OPEN_UPLOADS:
        limits.take_back(key)
        raise TooManyUploadsError
    return key


def _sender(scope: Scope) -> str:
    """Return who sends a body: a person's id, or the path of an address that was signed for one file."""
    if _SIGNED.fullmatch(scope["path"]):
        return str(scope["path"])
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    identity = _signed_in(headers.get("authorization"), headers.get("cookie", ""))
    if identity is None:
        raise NotAuthenticatedError
    return identity.user_id


def _signed_in(authorization: str | None, cookie: str) -> Identity | None:
    if authorization is not None:
        return authenticate_access(authorization.partition(" ")[2].strip())
    morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return authenticate_browser(store(morsel.value)) if morsel else None

"""Limits on bodies, held where headers are read: before Django spools anything to memory or disk."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings

from chat_project.core.api.problems import CONTENT_TYPE, headers_of
from chat_project.core.errors import ApplicationError, InvalidError, PayloadTooLargeError

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Admission = AbstractAsyncContextManager[None]

# How much, and how long, who was refused is listened to.
LINGER_BYTES = 16 * 1024 * 1024
LINGER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class UploadRoute:
    """An address that takes files: of bodies up to `max_bytes`, the form around the file included.

    Where `granted` is given, an address that is signed is its own credential: it returns how many bytes the signature
    of a request allows, and raises the ApplicationError of one that is bad or too old.
    """

    method: str
    path: re.Pattern[str]
    max_bytes: int
    granted: Callable[[Scope], int] | None = None

    def takes(self, scope: Scope) -> bool:
        """Tell whether a request comes here."""
        return scope["method"] == self.method and self.path.fullmatch(scope["path"]) is not None


class BodyLimit:
    """ASGI middleware: 413 for a body over the limit, by its Content-Length or, sent in chunks, by its bytes.

    The addresses of `uploads` take larger bodies, each for as long as `admitted` holds for its request and its most
    bytes; what that refuses is refused before any of it is read. What the application raises before it answers is told
    as a problem.
    """

    def __init__(
        self,
        application: Application,
        *,
        uploads: Sequence[UploadRoute] = (),
        admitted: Callable[[Scope, int], Admission] | None = None,
    ) -> None:
        self._application = application
        self._uploads = uploads
        self._admitted = admitted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            length = _content_length(scope)
            limit, admission = self._bounds(scope, length)
            if length is not None and length > limit:
                raise PayloadTooLargeError
            is_unbounded = length is None and _is_chunked(scope)
            bounded = _cut(receive, limit) if is_unbounded else receive
            async with AsyncExitStack() as held:
                if admission is not None:
                    await held.enter_async_context(admission)
                await self._application(scope, bounded, send if admission is None else _letting_go(held, send))
        except ApplicationError as error:
            await _refuse(receive, send, error)

    def _bounds(self, scope: Scope, length: int | None) -> tuple[int, Admission | None]:
        """Return how many bytes a request may bring, and what it must be admitted by, if by anything."""
        upload = next((route for route in self._uploads if route.takes(scope)), None)
        if upload is None:
            return settings.REQUEST_MAX_BYTES, None
        limit = upload.granted(scope) if upload.granted else upload.max_bytes
        # What every address takes is small enough to be refused by the view.
        is_large = _is_chunked(scope) if length is None else settings.REQUEST_MAX_BYTES < length <= limit
        if not is_large or self._admitted is None:
            return limit, None
        return limit, self._admitted(scope, limit if length is None else length)


def _content_length(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length":
            if not value.isdigit():
                raise InvalidError("Content-Length is no number.")
            return int(value)
    return None


def _is_chunked(scope: Scope) -> bool:
    return any(name == b"transfer-encoding" for name, _ in scope["headers"])


def _letting_go(held: AsyncExitStack, send: Send) -> Send:
    """Return what sends once nothing is held any more: who has an answer may begin the next body at once."""

    async def sent(message: Message) -> None:
        await held.aclose()
        await send(message)

    return sent


def _cut(receive: Receive, limit: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise PayloadTooLargeError
        return message

    return counted


async def _refuse(receive: Receive, send: Send, error: ApplicationError) -> None:
    body = orjson.dumps(error.problem())
    headers = {
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers_of(error),
    }
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": error.status, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    # Who is still sending would lose the answer with a connection that is closed under them.
    with suppress(TimeoutError):
        await asyncio.wait_for(_discard(receive), LINGER_SECONDS)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _discard(receive: Receive) -> None:
    size = 0
    while size <= LINGER_BYTES:
        message = await receive()
        if not message.get("more_body", False):
            return
        size += len(message.get("body", b""))

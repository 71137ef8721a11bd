"""Django's requests, each whole in one thread.

Django's own ASGI handler goes from the event loop to a thread and back for the signals, for each middleware, for the
view and for the end of every request, which took more CPU than most requests themselves.
"""

import asyncio
import contextvars
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import IO, Any

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import set_script_prefix

from chat_project.core.api.body_limit import Message, Receive, Scope, Send
from chat_project.core.stored_files import StoredFileResponse
from chat_project.spooling import spooled

# Far above what the connection pool and the bound on password hashes let through at once: who waits for them must not
# keep others from a thread.
THREADS = 64
# How long a client of a streamed answer may take nothing.
STALLED_SECONDS = 30.0


class ThreadHandler(ASGIHandler):
    """Reads the body on the event loop, then serves the request in a thread, as under WSGI."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body, size = await spooled(receive, self._threads)
        except RequestAborted:
            return
        client = _Client(asyncio.get_running_loop(), receive, send)
        serve = partial(contextvars.copy_context().run, self._serve, _of_known_length(scope, size), body, client)
        try:
            answer = await client.loop.run_in_executor(self._threads, serve)
            if isinstance(answer, StoredFileResponse):
                await self._send_file(answer, client)
                return
            for message in answer:
                await send(message)
        finally:
            client.leave()

    def _serve(self, scope: Scope, body: IO[bytes], client: "_Client") -> Sequence[Message] | StoredFileResponse:
        """Return what is to be sent; what is streamed has been sent already, but for a stored file."""
        with body:
            signals.request_started.send(sender=type(self), scope=scope)
            set_script_prefix(get_script_prefix(scope))
            response = self._answer(scope, body)
            if isinstance(response, StoredFileResponse):
                # A slow reader of a file holds neither a thread nor a connection to the database.
                close_old_connections()
                return response
            try:
                if isinstance(response, StreamingHttpResponse):
                    self._stream(response, client)
                    return ()
                return [_start(response), {"type": "http.response.body", "body": response.content}]
            finally:
                # Before the client has read anything: the database's connection goes back at once.
                response.close()

    def _answer(self, scope: Scope, body: IO[bytes]) -> HttpResponse | StreamingHttpResponse:
        request, refusal = self.create_request(scope, body)
        answer: Any = refusal if request is None else self.get_response(request)
        # Named by the signal of the request's end.
        answer._handler_class = type(self)
        return answer

    def _stream(self, response: StreamingHttpResponse, client: "_Client") -> None:
        client.tell(_start(response))
        for part in response:
            for chunk, _ in self.chunk_bytes(part):
                if client.has_gone:
                    return
                client.tell({"type": "http.response.body", "body": chunk, "more_body": True})
        client.tell({"type": "http.response.body", "body": b""})

    async def _send_file(self, response: StoredFileResponse, client: "_Client") -> None:
        """Send a file a chunk at a time, each read in some thread once the client took the one before."""
        chunks = iter(response)
        try:
            await client.take(_start(response))
            while chunk := await client.loop.run_in_executor(self._threads, next, chunks, b""):
                if client.has_gone:
                    return
                await client.take({"type": "http.response.body", "body": chunk, "more_body": True})
            await client.take({"type": "http.response.body", "body": b""})
        except TimeoutError:
            # An answer without its end closes the connection.
            return
        finally:
            await client.loop.run_in_executor(self._threads, response.close)


class _Client:
    """Who asked, as a thread streams to them."""

    def __init__(self, loop: asyncio.AbstractEventLoop, receive: Receive, send: Send) -> None:
        self.loop = loop
        self.has_gone = False
        self._receive = receive
        self._send = send
        self._watch: asyncio.Task[None] | None = None

    def tell(self, message: Message) -> None:
        """Send from another thread, as fast as the client reads. Raises TimeoutError where it stalls."""
        asyncio.run_coroutine_threadsafe(self.take(message), self.loop).result()

    def leave(self) -> None:
        if self._watch is not None:
            self._watch.cancel()

    async def take(self, message: Message) -> None:
        """Send, as fast as the client reads. Raises TimeoutError where it stalls."""
        if self._watch is None:
            self._watch = asyncio.create_task(self._listen())
        await asyncio.wait_for(self._send(message), STALLED_SECONDS)

    async def _listen(self) -> None:
        # After the body there comes nothing but the end.
        await self._receive()
        self.has_gone = True


def _of_known_length(scope: Scope, length: int) -> Scope:
    """Return the scope of a body that came in chunks as of one whose length was told: Django takes it for none."""
    if not any(name == b"transfer-encoding" for name, _ in scope["headers"]):
        return scope
    headers = [
        (name, value) for name, value in scope["headers"] if name not in (b"transfer-encoding", b"content-length")
    ]
    return {**scope, "headers": [*headers, (b"content-length", str(length).encode())]}


def _start(response: HttpResponseBase) -> dict[str, Any]:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    headers += [(b"Set-Cookie", cookie.OutputString().encode("ascii")) for cookie in response.cookies.values()]
    return {"type": "http.response.start", "status": response.status_code, "headers": headers}

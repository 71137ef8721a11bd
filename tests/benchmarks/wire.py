"""A socket and an HTTP connection that cost the driver as little as can be, so that it never is the bottleneck."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import orjson

HOST = "127.0.0.1"
PATIENCE_SECONDS = 60.0

_TEXT, _CLOSE, _PING = 0x81, 0x88, 0x89
_PONG = 0x8A
_CREATED = b'{"type":"event","event":"message.created"'
_REPLY = b'{"type":"reply"'
_HELLO = b'{"type":"hello"'
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
# Any 16 bytes do: nothing here checks what the server makes of them.
_KEY = "AAAAAAAAAAAAAAAAAAAAAA=="


class WireError(Exception):
    """The server did not answer as it must; the figures would mean nothing."""


class Tally:
    """Counts the messages and replies that many sockets hear, and tells when all of them are there."""

    def __init__(self) -> None:
        self._left = 0
        self._done: asyncio.Future[None] | None = None

    def expect(self, frames: int) -> None:
        """Begin to count down from so many."""
        self._left = frames
        self._done = asyncio.get_running_loop().create_future()

    def add(self) -> None:
        """Count one."""
        self._left -= 1
        if self._left == 0 and self._done is not None and not self._done.done():
            self._done.set_result(None)

    def fail(self, error: Exception) -> None:
        """Have who waits get the error."""
        if self._done is not None and not self._done.done():
            self._done.set_exception(error)

    async def complete(self) -> None:
        """Wait until all is heard. Raises WireError."""
        assert self._done is not None
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._done
        except TimeoutError:
            raise WireError(f"{self._left} frames did not come within {PATIENCE_SECONDS:.0f} s") from None


class Socket(asyncio.Protocol):
    """One signed-in socket. It counts the messages that it hears, and hands each good reply on."""

    def __init__(self, port: int, access: str, tally: Tally) -> None:
        self.heard = 0
        self.on_reply: Callable[[bytes], None] | None = None
        self.on_refusal: Callable[[], None] | None = None
        self._port = port
        self._access = access
        self._tally = tally
        self._unfinished = b""
        self._is_open = False
        self._is_leaving = False
        self._hello: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked: asyncio.Future[Any] = self._hello
        self._transport: Any = None

    @classmethod
    async def opened(cls, port: int, access: str, tally: Tally) -> "Socket":
        """Return a socket that was greeted. Raises WireError."""
        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(lambda: cls(port, access, tally), HOST, port)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await socket._hello
        return socket

    def send(self, command_id: str, command: str, data: dict[str, Any]) -> None:
        """Send a command."""
        self._transport.write(_frame(_TEXT, orjson.dumps({"id": command_id, "command": command, "data": data})))

    async def ask(self, command: str, data: dict[str, Any]) -> bytes:
        """Send a command and return its reply. Raises WireError where it is refused."""
        self._asked = asyncio.get_running_loop().create_future()
        self.on_reply = self._asked.set_result
        self.send("0", command, data)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._asked

    def close(self) -> None:
        """Leave."""
        self._is_leaving = True
        self._transport.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(
            f"GET /ws/v1/ HTTP/1.1\r\nHost: localhost:{self._port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {_KEY}\r\n"
            f"Authorization: Bearer {self._access}\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._is_leaving:
            self._fail(WireError(f"a socket was closed: {exc}"))

    def data_received(self, data: bytes) -> None:
        if self._unfinished:
            data = self._unfinished + data
        at = self._take_frames(data) if self._is_open else self._take_head(data)
        self._unfinished = data[at:]

    def _take_head(self, data: bytes) -> int:
        end = data.find(b"\r\n\r\n") + 4
        if end < 4:
            return 0
        if not data.startswith(b"HTTP/1.1 101"):
            self._fail(WireError(f"a socket was refused: {data[:100]!r}"))
        self._is_open = True
        return end + self._take_frames(data[end:])

    def _take_frames(self, data: bytes) -> int:
        """Take the whole frames, and return where they end."""
        at, end = 0, len(data)
        while end - at >= 2:
            length, start = data[at + 1], at + 2
            if length >= 126:
                start += 2 if length == 126 else 8
                length = int.from_bytes(data[at + 2 : start])
            if start > end or start + length > end:
                break
            self._take_frame(data[at], data, start, start + length)
            at = start + length
        return at

    def _take_frame(self, kind: int, data: bytes, start: int, end: int) -> None:
        if kind == _TEXT and data.startswith(_CREATED, start):
            self.heard += 1
            self._tally.add()
        elif kind == _TEXT and data.startswith(_REPLY, start):
            self._take_reply(data[start:end])
        elif kind == _TEXT and data.startswith(_HELLO, start):
            self._hello.set_result(None)
        elif kind == _PING:
            self._transport.write(_frame(_PONG, data[start:end]))
        elif kind == _CLOSE:
            self._fail(WireError(f"a socket was closed with {int.from_bytes(data[start : start + 2])}"))

    def _take_reply(self, reply: bytes) -> None:
        if b'"ok":true' not in reply[:200]:
            if self.on_refusal is not None and b'"status":503' in reply:
                self.on_refusal()
                return
            self._fail(WireError(f"a command was refused: {reply[:300]!r}"))
            return
        self._tally.add()
        if self.on_reply is not None:
            self.on_reply(reply)

    def _fail(self, error: WireError) -> None:
        for awaited in (self._hello, self._asked):
            if not awaited.done():
                awaited.set_exception(error)
        self._tally.fail(error)


class Http(asyncio.Protocol):
    """One person's connection for REST, kept open; one call at a time."""

    def __init__(self, port: int, access: str) -> None:
        self._head = f"Host: localhost:{port}\r\nAuthorization: Bearer {access}\r\nContent-Type: application/json\r\n"
        self._unfinished = b""
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: Any = None

    @classmethod
    async def opened(cls, port: int, access: str) -> "Http":
        """Return a connection."""
        loop = asyncio.get_running_loop()
        _, http = await loop.create_connection(lambda: cls(port, access), HOST, port)
        return http

    async def call(self, method: str, path: str, body: Any = None) -> bytes:
        """Return the body of an answer. Raises WireError where it is no success."""
        content = b"" if body is None else orjson.dumps(body)
        head = f"{method} /api/v1/{path} HTTP/1.1\r\n{self._head}Content-Length: {len(content)}\r\n\r\n"
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(head.encode() + content)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._answer

    def close(self) -> None:
        """Leave."""
        self._transport.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._settle(WireError(f"a connection was closed: {exc}"))

    def data_received(self, data: bytes) -> None:
        self._unfinished += data
        start = self._unfinished.find(b"\r\n\r\n") + 4
        if start < 4:
            return
        head = self._unfinished[:start]
        length = _LENGTH.search(head)
        if length is None:
            self._settle(WireError("an answer says no length"))
            return
        end = start + int(length[1])
        if len(self._unfinished) < end:
            return
        body, self._unfinished = self._unfinished[start:end], self._unfinished[end:]
        self._settle(body if head.startswith(b"HTTP/1.1 2") else WireError(f"{head[:30]!r} {body[:300]!r}"))

    def _settle(self, result: bytes | WireError) -> None:
        if self._answer is None or self._answer.done():
            return
        if isinstance(result, bytes):
            self._answer.set_result(result)
        else:
            self._answer.set_exception(result)


def _frame(kind: int, payload: bytes) -> bytes:
    """Return a frame of a client's: masked, as it must be, by zeros, which cost nothing."""
    length = len(payload)
    if length < 126:
        head = bytes((kind, 0x80 | length))
    elif length < 65_536:
        head = bytes((kind, 0x80 | 126)) + length.to_bytes(2)
    else:
        head = bytes((kind, 0x80 | 127)) + length.to_bytes(8)
    return head + b"\0\0\0\0" + payload

"""What waits to be written to one socket. A reader that stays behind is closed, and syncs when it comes back."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from chat_project.core.realtime.hub import SLOW_READER

WAITING_MAX_BYTES = 1024 * 1024
WAITING_MAX_FRAMES = 1000

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Outbox:
    """A queue of frames and the task that writes them, in order."""

    __slots__ = ("_closing", "_frames", "_queued_bytes", "_send", "_wake", "_writing_bytes")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._frames: deque[str] = deque()
        self._closing: int | None = None
        self._wake = asyncio.Event()
        self._queued_bytes = 0
        self._writing_bytes = 0

    @property
    def waiting_bytes(self) -> int:
        """How much is in memory for this socket, with what is being written."""
        return self._queued_bytes + self._writing_bytes

    @property
    def is_closing(self) -> bool:
        """Whether nothing more is taken."""
        return self._closing is not None

    def offer(self, frame: str) -> None:
        """Queue a frame. Never blocks; a reader that is too far behind is closed with 4408.

        Only what queues up behind the frame that is being written counts: an answer may be large by itself.
        """
        if self._closing is not None:
            return
        if self._queued_bytes > WAITING_MAX_BYTES or len(self._frames) >= WAITING_MAX_FRAMES:
            self.end(SLOW_READER)
            return
        self._frames.append(frame)
        self._queued_bytes += len(frame)
        self._wake.set()

    def end(self, code: int) -> None:
        """Close with this code, after what waits; a slow reader's frames are dropped."""
        if self._closing is not None:
            return
        self._closing = code
        if code == SLOW_READER:
            self._frames.clear()
            self._queued_bytes = 0
        self._wake.set()

    async def write(self) -> None:
        """Write what is offered until the end. `send` waits while the transport is full."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._frames:
                frame = self._frames.popleft()
                self._writing_bytes = len(frame)
                self._queued_bytes -= self._writing_bytes
                await self._send({"type": "websocket.send", "text": frame})
                self._writing_bytes = 0
            if self._closing is not None:
                await self._send({"type": "websocket.close", "code": self._closing})
                return

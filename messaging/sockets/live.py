"""One socket as the hub knows it."""

import asyncio
from collections.abc import Callable
from typing import Any

from accounts.services.authentication import Identity
from chat_project.core.api.renderers import encode
from chat_project.core.pace import TokenBucket
from messaging.sockets.outbox import Outbox, Send

COMMANDS_A_SECOND = 50
COMMANDS_BURST = 100
OFFENCES_A_MINUTE = 20
POLICY_VIOLATION = 1008


class LiveSocket:
    """Who is behind a socket, what waits for it, and how much it has asked for."""

    def __init__(self, identity: Identity, send: Send, *, wants_html: bool) -> None:
        self.user_id = identity.user_id
        self.session_id = identity.session_id
        self.wants_html = wants_html
        self.outbox = Outbox(send)
        self.commands = TokenBucket(rate=COMMANDS_A_SECOND, burst=COMMANDS_BURST)
        # Typing is told once in three seconds a conversation.
        self.typed_at: dict[str, float] = {}
        # Where it was told, and its end was not.
        self.typing_in: set[str] = set()
        # Held while a sync is read.
        self.syncing = asyncio.Lock()
        # Held while a message is sent that takes more than its own statement.
        self.turn = asyncio.Lock()
        self._offences = TokenBucket(rate=OFFENCES_A_MINUTE / 60, burst=OFFENCES_A_MINUTE)
        self.on_end: Callable[[], None] | None = None

    @property
    def waiting_bytes(self) -> int:
        """How much waits to be written."""
        return self.outbox.waiting_bytes

    def offer(self, frame: str) -> None:
        """Queue a frame."""
        self.outbox.offer(frame)
        self._tell_end()

    def end(self, code: int) -> None:
        """Close with this code."""
        self.outbox.end(code)
        self._tell_end()

    def reply(self, command_id: str | None, data: Any) -> None:
        """Answer a command."""
        self.offer(encode({"type": "reply", "id": command_id, "ok": True, "data": data}).decode())

    def refuse(self, command_id: str | None, problem: dict[str, Any]) -> None:
        """Answer a command, or a bad frame, with a problem."""
        self.offer(encode({"type": "reply", "id": command_id, "ok": False, "error": problem}).decode())

    def offend(self) -> None:
        """Count a bad frame, or a command too fast; too many in a minute close the socket."""
        if not self._offences.take():
            self.end(POLICY_VIOLATION)

    def _tell_end(self) -> None:
        if self.outbox.is_closing and self.on_end is not None:
            self.on_end()
            self.on_end = None

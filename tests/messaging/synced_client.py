"""A client that does with events and syncs what docs/api.md says, so that what it holds can be compared."""

import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed

from accounts.models import User
from tests.clients import Served, SocketClient, opened

# Of what a conversation is, the part that versions tell of.
SHARED = ("id", "type", "title", "description", "version")


@dataclass
class Held:
    """What the client holds of one conversation: all that happened up to `version`."""

    shared: dict[str, Any]
    version: int
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, message: dict[str, Any]) -> None:
        """Keep a message, and refresh the quotes of it."""
        self.messages[message["id"]] = message
        for other in self.messages.values():
            if other["reply_to"] is not None and other["reply_to"]["id"] == message["id"]:
                other["reply_to"] = {**other["reply_to"], "content": message["content"]} | {
                    "is_deleted": message["is_deleted"]
                }


class SyncedClient:
    """One person on one device, who is not always connected."""

    def __init__(self, chat: Served, user: User, access: str) -> None:
        self.held: dict[str, Held] = {}
        self.syncs = 0
        self._chat = chat
        self._user = user
        self._access = access
        self._epoch: str | None = None
        self._socket: SocketClient | None = None
        self._stack = AsyncExitStack()

    @property
    def is_connected(self) -> bool:
        return self._socket is not None

    async def connect(self) -> None:
        """Open a socket, and sync."""
        self._socket = await self._stack.enter_async_context(opened(self._chat, self._user, access=self._access))
        self._epoch = self._socket.hello["epoch"]
        await self.sync()

    async def drop(self) -> None:
        """Lose the connection, with all that was under way on it."""
        if self._socket is not None:
            self._socket.connection.transport.abort()
            self._socket = None
            try:
                await self._stack.aclose()
            except ConnectionClosed:
                return

    async def hear(self) -> None:
        """Take all that was told so far, and sync where something is missing."""
        assert self._socket is not None
        await self._socket.command("ping")
        has_gap = False
        while self._socket.events:
            has_gap = self._take(self._socket.events.popleft()) or has_gap
        if has_gap:
            await self.sync()

    async def sync(self) -> None:
        """Ask what is missing, until nothing is."""
        assert self._socket is not None
        self.syncs += 1
        has_more = True
        while has_more:
            versions = {key: held.version for key, held in self.held.items()}
            reply = await self._socket.command("sync", versions=versions, epoch=self._epoch)
            assert reply["ok"], json.dumps(reply)
            has_more = self._synced(reply["data"])

    def _synced(self, answer: dict[str, Any]) -> bool:
        for synced in answer["conversations"]:
            conversation = synced["conversation"]
            key = conversation["id"]
            if synced["reset"] or key not in self.held:
                self.held[key] = Held({}, 0)
            held = self.held[key]
            held.shared = {name: conversation[name] for name in SHARED}
            for message in synced["messages"]:
                held.take(message)
            held.version = synced["messages"][-1]["version"] if synced["has_more"] else conversation["version"]
        for key in answer["removed"]:
            self.held.pop(key, None)
        return any(synced["has_more"] for synced in answer["conversations"])

    def _take(self, event: dict[str, Any]) -> bool:
        """Apply an event; return whether a sync must fill what it does not bring."""
        name, key = event["event"], event.get("conversation_id")
        if name == "sync.required" or name == "conversation.added":
            return True
        if name == "conversation.removed":
            self.held.pop(key, None)
            return False
        if "version" not in event:
            return False
        held = self.held.get(key)
        if held is None or event["version"] > held.version + 1:
            return True
        if event["version"] <= held.version:
            return False
        held.version = event["version"]
        held.shared["version"] = event["version"]
        if name == "conversation.updated":
            held.shared.update({name: event["data"][name] for name in SHARED if name != "version"})
        elif name != "version":
            held.take(event["data"])
        return False

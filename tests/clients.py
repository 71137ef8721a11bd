"""Clients of a real server: people with tokens, over REST and sockets."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import urllib3
from asgiref.sync import sync_to_async
from websockets.asyncio.client import ClientConnection, connect

from accounts.devices import Device
from accounts.models import User
from accounts.services.sign_in import SignedIn, issue_tokens

WAIT_SECONDS = 5


class Served(Protocol):
    """Where a server answers."""

    @property
    def url(self) -> str: ...
    @property
    def socket_url(self) -> str: ...


def signed_in(user: User) -> SignedIn:
    """Return a session of a person's, with its tokens."""
    return issue_tokens(user=user, device=Device(name="test", platform="Linux"))


class RestClient:
    """One person over REST."""

    def __init__(self, chat: Served, access: str | None, *, timeout: float | None = None) -> None:
        self._timeout = timeout
        self._base = f"{chat.url}/api/v1/"
        self._headers = {"Content-Type": "application/json"}
        if access is not None:
            self._headers["Authorization"] = f"Bearer {access}"

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return the status and the body of a call."""
        data = None if body is None else json.dumps(body)
        with urllib3.PoolManager(timeout=self._timeout) as pool:
            answer = pool.request(method, self._base + path, body=data, headers=self._headers, retries=False)
            return answer.status, json.loads(answer.data) if answer.data else None


class SocketClient:
    """One socket: commands are answered, events wait in `events`."""

    def __init__(self, connection: ClientConnection, hello: dict[str, Any]) -> None:
        self.connection = connection
        self.hello = hello
        self.events: deque[dict[str, Any]] = deque()
        self._replies: dict[str, dict[str, Any]] = {}
        self._count = 0

    async def command(self, name: str, **data: Any) -> dict[str, Any]:
        """Send a command and return its reply."""
        self._count += 1
        command_id = str(self._count)
        await self.connection.send(json.dumps({"id": command_id, "command": name, "data": data}))
        return await self.reply(command_id)

    async def reply(self, command_id: str | None) -> dict[str, Any]:
        """Return the reply to a command."""
        async with asyncio.timeout(WAIT_SECONDS):
            while command_id not in self._replies:
                await self.take()
        return self._replies.pop(command_id)

    async def next_event(self) -> dict[str, Any]:
        """Return the next event, whatever it is."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not self.events:
                await self.take()
        return self.events.popleft()

    async def event(self, name: str) -> dict[str, Any]:
        """Return the next event of a name; others before it are dropped."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                while self.events:
                    event = self.events.popleft()
                    if event["event"] == name:
                        return event
                await self.take()

    async def take(self) -> None:
        """Wait for the next frame, and put it where it is looked for."""
        frame = json.loads(await self.connection.recv())
        if frame["type"] == "event":
            self.events.append(frame)
        else:
            self._replies[frame["id"]] = frame


@asynccontextmanager
async def opened(chat: Served, user: User, *, access: str | None = None) -> AsyncIterator[SocketClient]:
    """Open a socket of a person's, by the subprotocol; `access` is a token to use again."""
    if access is None:
        access = (await sync_to_async(signed_in)(user)).tokens.access
    offered: Any = ["bearer", access]
    async with connect(chat.socket_url, subprotocols=offered, max_size=None, proxy=None) as connection:
        yield SocketClient(connection, json.loads(await connection.recv()))

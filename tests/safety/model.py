"""A client that does what docs/api.md tells clients to do, no more, and notes what it was told."""

import asyncio
import contextlib
import itertools
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import urllib3
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from tests.clients import RestClient
from tests.safety.house import House
from tests.safety.people import Person

GAP_SECONDS = 0.5
RETRY_SECONDS = 0.1
CONNECT_SECONDS = 5.0
REST_SECONDS = 2.0


@dataclass
class Held:
    """What a client holds of one conversation: all versions up to `version`, and events that came before their time."""

    version: int = 0
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    early: dict[int, dict[str, Any]] = field(default_factory=dict)

    def take(self, message: dict[str, Any]) -> None:
        """Keep a message, unless a newer state of it is here."""
        known = self.messages.get(message["id"])
        if known is None or known["version"] <= message["version"]:
            self.messages[message["id"]] = message

    def advance(self, version: int) -> None:
        """Go to a version, and on with what follows it without a gap."""
        self.version = max(self.version, version)
        while (following := self.early.pop(self.version + 1, None)) is not None:
            self.take(following)
            self.version += 1
        self.early = {number: data for number, data in self.early.items() if number > self.version}


@dataclass
class Life:
    """What one socket was told, by conversation and version, in its order."""

    local_port: int
    told: list[tuple[str, int, str | None]] = field(default_factory=list)
    syncs_required: int = 0


class Client:
    """One person on one device, who writes into some conversations without a pause."""

    def __init__(
        self,
        house: House,
        person: Person,
        conversations: Sequence[str],
        *,
        rng: random.Random,
        in_flight: int = 3,
        by_rest: bool = False,
    ) -> None:
        self.person = person
        self.held: dict[str, Held] = {}
        self.answered: dict[str, dict[str, Any]] = {}
        self.unanswered: dict[str, str] = {}
        self.lives: list[Life] = []
        self.refusals: Counter[str] = Counter()
        self.troubles: list[BaseException] = []
        self.writes = True
        self._house = house
        self._conversations = list(conversations)
        self._rng = rng
        self._in_flight = in_flight
        self._by_rest = by_rest
        self._numbers = itertools.count(1)
        self._commands = itertools.count(1)
        self._epoch: str | None = None
        self._syncing: str | None = None
        self._syncs_again = False
        self._calls: set[asyncio.Task[None]] = set()

    # --- Its life -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Live again and again, until cancelled."""
        while True:
            await self.live()
            await asyncio.sleep(RETRY_SECONDS)

    async def live(self) -> None:
        """Connect, sync, send again what was not answered, and go on until the socket ends."""
        offered: Any = ["bearer", self.person.access]
        options = {"max_size": None, "proxy": None, "open_timeout": CONNECT_SECONDS, "ping_interval": None}
        try:
            async with connect(self._house.socket_url, subprotocols=offered, **options) as connection:
                await self._live(connection)
        except (WebSocketException, OSError, TimeoutError):
            return
        finally:
            calls = list(self._calls)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)

    async def _live(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._syncing = None
        life = Life(connection.local_address[1])
        self.lives.append(life)
        hello = json.loads(await connection.recv())
        if hello["epoch"] != self._epoch:
            self._epoch = hello["epoch"]
            self.held.clear()
        await self._sync()
        for client_id in list(self.unanswered):
            await self._send(client_id)
        await self._write_on()
        while True:
            frame = json.loads(await connection.recv())
            if frame["type"] == "event":
                await self._hear(frame, life)
            elif frame["id"] == self._syncing:
                await self._synced(frame)
            else:
                await self._replied(frame["id"], frame["ok"], frame.get("data") or frame.get("error"))

    # --- What it sends ------------------------------------------------------------------------

    async def _write_on(self) -> None:
        while self.writes and len(self.unanswered) < self._in_flight:
            client_id = f"{self.person.name}-{next(self._numbers)}"
            self.unanswered[client_id] = self._rng.choice(self._conversations)
            await self._send(client_id)

    async def _send(self, client_id: str) -> None:
        if client_id not in self.unanswered:
            return
        conversation_id = self.unanswered[client_id]
        way = "REST" if self._by_rest else self._connection.local_address[1]
        body = {"content": f"{client_id} by {way}", "client_id": client_id}
        if self._by_rest:
            self._later(self._post(client_id, f"conversations/{conversation_id}/messages", body))
        else:
            await self._command(client_id, "message.send", {"conversation_id": conversation_id, **body})

    async def _post(self, client_id: str, path: str, body: dict[str, Any]) -> None:
        rest = RestClient(self._house, self.person.access, timeout=REST_SECONDS)
        try:
            status, answer = await asyncio.to_thread(rest.call, "POST", path, body)
        except (urllib3.exceptions.HTTPError, OSError):
            self._later(self._send_again(client_id))
        else:
            await self._replied(client_id, status in (200, 201), answer)

    async def _send_again(self, client_id: str) -> None:
        await asyncio.sleep(RETRY_SECONDS)
        with contextlib.suppress(ConnectionClosed):
            await self._send(client_id)

    async def _replied(self, client_id: str, ok: bool, answer: dict[str, Any]) -> None:
        if ok:
            self.unanswered.pop(client_id, None)
            self.answered[client_id] = answer
            await self._write_on()
        else:
            assert answer["status"] == 503, answer
            assert answer["retry_after"] >= 1
            self.refusals[answer["code"]] += 1
            self._later(self._send_again(client_id))

    # --- What it is told ----------------------------------------------------------------------

    async def _hear(self, frame: dict[str, Any], life: Life) -> None:
        if frame["event"] == "sync.required":
            life.syncs_required += 1
            await self._sync()
            return
        if "version" not in frame:
            return
        conversation_id, version, data = frame["conversation_id"], frame["version"], frame["data"]
        life.told.append((conversation_id, version, data.get("content")))
        held = self.held.setdefault(conversation_id, Held())
        if version > held.version:
            held.early[version] = data
            held.advance(held.version)
        if held.early:
            self._later(self._look_at_gap(held, held.version))

    async def _look_at_gap(self, held: Held, version: int) -> None:
        await asyncio.sleep(GAP_SECONDS)
        if held.early and held.version == version:
            with contextlib.suppress(ConnectionClosed):
                await self._sync()

    async def _sync(self) -> None:
        """Ask for what is missing, once: a second answer to the same versions would leave out what came between."""
        if self._syncing is not None:
            self._syncs_again = True
            return
        self._syncs_again = False
        self._syncing = f"sync-{next(self._commands)}"
        versions = {conversation_id: held.version for conversation_id, held in self.held.items()}
        await self._command(self._syncing, "sync", {"versions": versions, "epoch": self._epoch})

    async def _synced(self, reply: dict[str, Any]) -> None:
        self._syncing = None
        if not reply["ok"]:
            assert reply["error"]["status"] in (429, 503), reply
            await asyncio.sleep(RETRY_SECONDS)
            await self._sync()
            return
        has_more = False
        for answered in reply["data"]["conversations"]:
            conversation = answered["conversation"]
            held = self.held.setdefault(conversation["id"], Held())
            if answered["reset"]:
                held.version = 0
                held.messages.clear()
            for message in answered["messages"]:
                held.take(message)
            if answered["has_more"]:
                has_more = True
                held.advance(answered["messages"][-1]["version"])
            else:
                held.advance(conversation["version"])
        for conversation_id in reply["data"]["removed"]:
            self.held.pop(conversation_id, None)
        if has_more or self._syncs_again:
            await self._sync()

    async def _command(self, command_id: str, name: str, data: dict[str, Any]) -> None:
        await self._connection.send(json.dumps({"id": command_id, "command": name, "data": data}))

    def _later(self, coroutine: Any) -> None:
        call = asyncio.ensure_future(coroutine)
        self._calls.add(call)
        call.add_done_callback(self._ended)

    def _ended(self, call: "asyncio.Task[None]") -> None:
        self._calls.discard(call)
        if not call.cancelled() and (trouble := call.exception()) is not None:
            self.troubles.append(trouble)

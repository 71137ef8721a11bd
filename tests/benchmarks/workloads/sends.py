"""Messages to one other person."""

import itertools
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.benchmarks.people import TEXTS, Room, make_dms, make_people
from tests.benchmarks.stage import Aim, Findings, Run, Stage, Workload, require
from tests.benchmarks.wire import Socket

DMS = 20
IN_FLIGHT = 4

_CPU = "ms of CPU a message"


def _one_dm() -> Room:
    first, second = make_people(2)
    return make_dms([(first, second)])[0]


def _many_dms(count: int) -> list[Room]:
    people = make_people(2 * count)
    return make_dms(zip(people[:count], people[count:], strict=True))


class Sender:
    """Sends to one conversation, with some messages in flight: each reply sends the next."""

    def __init__(self, socket: Socket, room: Room) -> None:
        self._socket = socket
        self._room = room
        self._texts = itertools.cycle(TEXTS)
        self._number = 0
        self._left = 0
        self._last: dict[str, Any] = {}
        socket.on_reply = self._go_on

    def start(self, messages: int, *, in_flight: int) -> None:
        """Begin to send so many."""
        self._left = messages
        for _ in range(in_flight):
            self._go_on()

    def send(self) -> None:
        """Send one."""
        self._number += 1
        self._last = {"conversation_id": self._room.id, "content": next(self._texts), "client_id": f"b{self._number}"}
        self.repeat()

    def repeat(self) -> None:
        """Send the last one again."""
        self._socket.send(str(self._number), "message.send", self._last)

    def _go_on(self, _reply: bytes = b"") -> None:
        if self._left > 0:
            self._left -= 1
            self.send()


@asynccontextmanager
async def ping(stage: Stage) -> AsyncIterator[Run]:
    """One message at a time: the next is sent when both have the last, and the sender its reply."""
    room = await stage.built(_one_dm)
    async with stage.sockets(room.people) as (sockets, tally):
        sender = Sender(sockets[0], room)

        async def run(messages: int) -> Findings:
            seconds = []
            for _ in range(messages):
                began = time.perf_counter()
                tally.expect(3)
                sender.send()
                await tally.complete()
                seconds.append(time.perf_counter() - began)
            return {"latency": statistics.median(seconds) * 1e3}

        yield run


@asynccontextmanager
async def dms(stage: Stage) -> AsyncIterator[Run]:
    """DMs at the same time, each with some messages in flight."""
    rooms = await stage.built(_many_dms, stage.size(DMS))
    persons = [person for room in rooms for person in room.people]
    async with stage.sockets(persons) as (sockets, tally):
        senders = [Sender(socket, room) for socket, room in zip(sockets[::2], rooms, strict=True)]

        async def run(messages: int) -> Findings:
            each = messages // len(senders)
            heard = [socket.heard for socket in sockets]
            # A reply, and the event at both ends.
            tally.expect(3 * each * len(senders))
            for sender in senders:
                sender.start(each, in_flight=IN_FLIGHT)
            await tally.complete()
            require(all(s.heard == h + each for s, h in zip(sockets, heard, strict=True)), "a message came twice")
            return {}

        yield run


@asynccontextmanager
async def rest_send(stage: Stage) -> AsyncIterator[Run]:
    """One message at a time by REST; both people have a socket open, and the next is sent when both have the last."""
    room = await stage.built(_one_dm)
    texts, numbers = itertools.cycle(TEXTS), itertools.count()
    path = f"conversations/{room.id}/messages"
    async with stage.sockets(room.people) as (_, tally), stage.rest(room.people[0]) as http:

        async def run(messages: int) -> Findings:
            for _ in range(messages):
                tally.expect(2)
                await http.call("POST", path, {"content": next(texts), "client_id": f"b{next(numbers)}"})
                await tally.complete()
            return {}

        yield run


WORKLOADS = (
    Workload(
        name="ping",
        play=ping,
        operations=1000,
        warm_up=200,
        aims=(Aim("cpu", _CPU, 0.8), Aim("latency", "ms till all have it")),
    ),
    Workload(
        name="dms",
        play=dms,
        operations=4000,
        warm_up=1000,
        aims=(Aim("cpu", _CPU, 0.35), Aim("rate", "messages a second")),
    ),
    Workload(name="rest_send", play=rest_send, operations=300, warm_up=50, aims=(Aim("cpu", _CPU, 4.0),)),
)
UNBATCHED = (
    Workload(
        name="dms_unbatched",
        play=dms,
        operations=4000,
        warm_up=1000,
        aims=(Aim("cpu", _CPU), Aim("rate", "messages a second")),
        environment={"MESSAGE_WRITER": "off"},
    ),
)

"""What a workload is, and what it plays on: a copy that runs, its database, and clients of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from tests.benchmarks import people
from tests.benchmarks.people import Person
from tests.benchmarks.processes import ProcessTree
from tests.benchmarks.wire import Http, Socket, Tally, WireError

P = ParamSpec("P")
T = TypeVar("T")

Findings = Mapping[str, float]
# Does so many operations, and returns what it found by itself; CPU and time are taken around it.
Run = Callable[[int], Awaitable[Findings]]

_HANDSHAKES_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Aim:
    """One line of the table: which finding, in which unit, and what it has to keep to."""

    finding: str
    label: str
    target: float | None = None
    at_least: bool = False

    def is_met(self, value: float) -> bool | None:
        """Tell whether a value is as it should be; None where nothing is asked."""
        if self.target is None:
            return None
        return value >= self.target if self.at_least else value <= self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Something that is done again and again.

    CPU is given by operation, in units of `unit` seconds; an operation that reaches many people by each of them.
    """

    name: str
    play: Callable[["Stage"], AbstractAsyncContextManager[Run]]
    operations: int
    warm_up: int
    aims: Sequence[Aim]
    unit: float = 1e-3
    people: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    needs_seed: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A copy at a port, and how much of each workload's full size is played."""

    port: int
    tree: ProcessTree
    scale: float = 1.0

    def size(self, full: int) -> int:
        """Return how many there are of what should be so many."""
        return full if full == 1 else max(2, round(full * self.scale))

    async def built(self, build: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make rows, in a thread: Django's database does not like an event loop."""

        def run() -> T:
            try:
                return build(*args, **kwargs)
            finally:
                people.leave_database()

        return await asyncio.to_thread(run)

    @asynccontextmanager
    async def sockets(self, persons: Iterable[Person]) -> AsyncIterator[tuple[list[Socket], Tally]]:
        """Open a socket for each of these people; one tally counts what all of them hear."""
        tally = Tally()
        slots = asyncio.Semaphore(_HANDSHAKES_AT_ONCE)

        async def open_one(person: Person) -> Socket:
            async with slots:
                return await Socket.opened(self.port, person.access, tally)

        opened = await asyncio.gather(*map(open_one, persons))
        try:
            yield opened, tally
        finally:
            for socket in opened:
                socket.close()

    @asynccontextmanager
    async def rest(self, person: Person) -> AsyncIterator[Http]:
        """Open a connection for one person's calls."""
        http = await Http.opened(self.port, person.access)
        try:
            yield http
        finally:
            http.close()


def require(condition: bool, trouble: str) -> None:
    """Raise WireError where an answer is not what a workload counts on."""
    if not condition:
        raise WireError(trouble)

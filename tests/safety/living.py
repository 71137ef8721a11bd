"""Clients that live beside what a test does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

from tests.safety.house import House
from tests.safety.ledger import are_exact
from tests.safety.model import Client

PATIENCE = 120.0
_LOOK_SECONDS = 0.01


class Living:
    """Clients at work."""

    def __init__(self) -> None:
        self._lives: list[asyncio.Task[None]] = []

    def add(self, clients: Iterable[Client]) -> None:
        """Have more clients live."""
        self._lives += [asyncio.ensure_future(client.run()) for client in clients]

    async def until(self, condition: Callable[[], bool], *, patience: float = PATIENCE) -> None:
        """Wait until a condition holds. Raises TimeoutError, and what a client failed of."""
        async with asyncio.timeout(patience):
            while not condition():
                self._look()
                await asyncio.sleep(_LOOK_SECONDS)

    async def come_to_rest(self, house: House, clients: Sequence[Client]) -> None:
        """Have clients write no more, and wait until nothing is unanswered and each holds what the server has."""
        for client in clients:
            client.writes = False
        await self.until(lambda: not any(client.unanswered for client in clients))
        await self.until(lambda: are_exact(house, clients))

    async def end(self) -> None:
        """End the clients. Raises what one failed of."""
        self._look()
        for life in self._lives:
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)

    def _look(self) -> None:
        for life in self._lives:
            if life.done():
                life.result()


@asynccontextmanager
async def living(clients: Sequence[Client]) -> AsyncIterator[Living]:
    """Have clients live for the length of the block."""
    alive = Living()
    alive.add(clients)
    try:
        yield alive
    finally:
        await alive.end()


@asynccontextmanager
async def living_apart(house: House, clients: Sequence[Client]) -> AsyncIterator[Living]:
    """Have clients live, each second one at the same process, for the length of the block."""
    async with living(()) as alive:
        for number, pid in enumerate(house.web):
            group = clients[number :: len(house.web)]
            with house.only(pid):
                alive.add(group)
                await alive.until(each_was_answered(group))
        yield alive


def each_was_answered(clients: Sequence[Client]) -> Callable[[], bool]:
    """Return whether each client has been answered since now."""
    before = [len(client.answered) for client in clients]
    return lambda: all(len(client.answered) > count for client, count in zip(clients, before, strict=True))

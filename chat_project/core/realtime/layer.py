"""A process' one channel in the channel layer, over which publishes are numbered.

Each publish carries a number of its process and shard. Who sees a gap in the numbers has lost something, whatever the
reason, and has its sockets sync; a beat every two seconds shows the loss of the last publish too.

A process that hears its own beats on a shard, and nobody else's, is alone there and publishes its beats alone: a
publish that nobody hears costs a lone message a seventh of its CPU. What it leaves out is numbered all the same, so
that who joins in that moment sees a gap.
"""

import asyncio
import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from chat_project.core.realtime.shards import group_of

RETRY_SECONDS = 1.0
# Three beats and a bit: who was not heard for so long is not there, or will see the gap when it comes back.
ALONE_SECONDS = 7.0
LAYER_FAILURES = (RedisError, OSError, asyncio.TimeoutError)

logger = logging.getLogger(__name__)


class NumberedLayer:
    """The channel, the groups that it joined, and the numbers of what it sent and heard."""

    def __init__(self, arrived: Callable[[Iterable[Mapping[str, Any]]], None], lost: Callable[[], None]) -> None:
        self._arrived = arrived
        self._lost = lost
        self._process = uuid.uuid4().hex
        self._channel: str | None = None
        self._wanted: set[int] = set()
        self._sent: dict[int, int] = defaultdict(int)
        self._heard: dict[tuple[str, int], int] = {}
        self._skipped: set[int] = set()
        self._heard_others_at: dict[int, float] = {}
        self._heard_itself_at: dict[int, float] = {}
        self._failing = False
        self.joined: set[int] = set()

    async def join(self, shard: int) -> bool:
        """Join a shard's group; return whether it is new.

        While the layer is down the wish is noted, and made good when the layer is back.
        """
        if shard in self.joined:
            return False
        self._wanted.add(shard)
        if self._channel is None:
            return False
        try:
            await self._layer().group_add(group_of(shard), self._channel)
        except LAYER_FAILURES as error:
            self._failed(error)
            return False
        self.joined.add(shard)
        self._heard_others_at[shard] = _now()
        self._succeeded()
        # Who believed to be alone hears of this process at once.
        await self.send(shard, [])
        return True

    def is_alone(self, shard: int) -> bool:
        """Tell whether nobody else hears a shard, as far as can be heard."""
        now = _now()
        return (
            now - self._heard_itself_at.get(shard, -ALONE_SECONDS) < ALONE_SECONDS
            and now - self._heard_others_at[shard] > ALONE_SECONDS
        )

    def skip(self, shard: int) -> None:
        """Number what is not published, since nobody would hear it."""
        self._sent[shard] += 1
        self._skipped.add(shard)

    async def send(self, shard: int, batch: Sequence[Mapping[str, Any]]) -> None:
        """Publish a batch to a shard. A failure costs a number, by which everybody sees that something is missing."""
        if shard in self._skipped:
            self._skipped.discard(shard)
            self._heard[self._process, shard] = self._sent[shard]
        self._sent[shard] += 1
        message = {
            "type": "hub.batch",
            "process": self._process,
            "shard": shard,
            "number": self._sent[shard],
            "events": batch,
        }
        try:
            await self._layer().group_send(group_of(shard), message)
        except LAYER_FAILURES as error:
            self._failed(error)
        else:
            self._succeeded()

    async def beat(self) -> None:
        """Join what could not be joined, and show on each shard how far the numbers of this process are."""
        for shard in sorted(self._wanted - self.joined):
            await self.join(shard)
        for shard in sorted(self.joined):
            await self.send(shard, [])

    async def receive(self) -> None:
        """Hear what the other processes publish, for ever."""
        await self._open()
        while True:
            assert self._channel is not None
            message = await self._layer().receive(self._channel)
            self._note(message)
            if message["process"] != self._process:
                self._arrived(message["events"])

    async def _open(self) -> None:
        while self._channel is None:
            try:
                self._channel = await self._layer().new_channel()
            except LAYER_FAILURES as error:
                self._failed(error)
                await asyncio.sleep(RETRY_SECONDS)
        for shard in tuple(self._wanted):
            await self.join(shard)

    def _note(self, message: Mapping[str, Any]) -> None:
        """Compare a publish' number with the last that was heard from its process on its shard.

        Of a process that was there before this one joined, something may have been missed since.
        """
        if message["number"] is None:
            return
        process, shard, number = message["process"], message["shard"], message["number"]
        is_own = process == self._process
        (self._heard_itself_at if is_own else self._heard_others_at)[shard] = _now()
        before = self._heard.get((process, shard), number - 1 if is_own else 0)
        if is_own and number <= before:
            # It was on its way while later numbers were left out.
            return
        self._heard[process, shard] = number
        if number != before + 1:
            self._lost()

    def _failed(self, error: Exception) -> None:
        if not self._failing:
            self._failing = True
            logger.warning("the channel layer failed: %s", type(error).__name__)
            self._lost()

    def _succeeded(self) -> None:
        if self._failing:
            self._failing = False
            logger.warning("the channel layer is back")
            self._lost()

    def _layer(self) -> Any:
        return get_channel_layer()


def _now() -> float:
    return asyncio.get_running_loop().time()

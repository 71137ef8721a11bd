"""A process' channel in the layer: who is alone publishes nothing, and nobody who comes misses anything for it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from channels.layers import channel_layers, get_channel_layer

from chat_project.core.realtime import layer as layers
from chat_project.core.realtime.layer import NumberedLayer

SHARD = 0
ALONE_SECONDS = 0.3


class Process:
    """One process' layer, and what came of it."""

    def __init__(self):
        self.heard = []
        self.losses = 0
        self.layer = NumberedLayer(self.heard.extend, self._lost)
        self.receiving = asyncio.ensure_future(self.layer.receive())

    def _lost(self):
        self.losses += 1

    async def join(self):
        """Join the shard, once there is a channel to join with."""
        await self.layer.join(SHARD)
        await until(lambda: SHARD in self.layer.joined)

    async def tell(self, event):
        """Publish as the hub does; return whether it went out."""
        if self.layer.is_alone(SHARD):
            self.layer.skip(SHARD)
            return False
        await self.layer.send(SHARD, [event])
        return True

    async def become_alone(self):
        """Beat until nobody else was heard for long enough."""
        async with asyncio.timeout(10):
            while not self.layer.is_alone(SHARD):
                await self.layer.beat()
                await asyncio.sleep(0.02)


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def processes(monkeypatch) -> AsyncIterator[list[Process]]:
    monkeypatch.setattr(layers, "ALONE_SECONDS", ALONE_SECONDS)
    # A server that another test has started would be heard too.
    monkeypatch.setattr(layers, "group_of", lambda shard: f"layer.{shard}")
    processes = [Process(), Process()]
    yield processes
    for process in processes:
        process.receiving.cancel()
    await get_channel_layer().flush()
    channel_layers.backends.clear()


async def test_who_hears_nobody_but_itself_publishes_its_beats_alone(processes):
    first, _ = processes
    await first.join()
    assert await first.tell({"n": 1})
    await first.become_alone()
    assert not await first.tell({"n": 2})
    await first.layer.beat()
    await asyncio.sleep(0.1)
    assert first.losses == 0


async def test_what_is_left_out_while_a_beat_is_on_its_way_is_no_loss(processes, monkeypatch):
    first, _ = processes
    await first.join()
    await first.become_alone()
    on_their_way = []
    with monkeypatch.context() as patch:
        patch.setattr(first.layer, "_note", on_their_way.append)
        await first.layer.beat()
        assert not await first.tell({"n": 1})
        await first.layer.beat()
        await until(lambda: [message["events"] for message in on_their_way[-2:]] == [[], []])
    for message in on_their_way:
        first.layer._note(message)
    assert first.losses == 0


async def test_who_does_not_hear_itself_does_not_believe_to_be_alone(processes):
    first, _ = processes
    await first.join()
    await first.become_alone()
    first.receiving.cancel()
    await asyncio.sleep(ALONE_SECONDS * 1.1)
    assert await first.tell({"n": 1})


async def test_who_joins_one_that_was_alone_hears_at_once_that_something_may_be_missing(processes):
    first, second = processes
    await first.join()
    await first.become_alone()
    await first.tell({"n": 1})
    await second.join()
    await until(lambda: not first.layer.is_alone(SHARD))
    assert await first.tell({"n": 2})
    await until(lambda: second.heard)
    assert second.heard == [{"n": 2}]
    assert second.losses == 1
    assert await first.tell({"n": 3})
    await until(lambda: len(second.heard) == 2)
    assert second.losses == 1


async def test_who_was_silent_for_too_long_sees_what_it_missed_as_a_gap(processes):
    first, second = processes
    await first.join()
    await second.join()
    await first.tell({"n": 1})
    await until(lambda: second.heard)
    losses = second.losses
    await first.become_alone()
    assert not await first.tell({"n": 2})
    await first.layer.beat()
    await until(lambda: second.losses > losses)
    assert second.heard == [{"n": 1}]
    assert first.losses == 0

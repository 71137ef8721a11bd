"""Messages while another conversation's lock is held."""

import asyncio
import statistics
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.benchmarks import people
from tests.benchmarks.people import Room
from tests.benchmarks.stage import Aim, Findings, Run, Stage, Workload, require
from tests.benchmarks.wire import Tally
from tests.benchmarks.workloads.sends import Sender

LOCK_SECONDS = 5.0
MESSAGES = 400
PAUSE_SECONDS = LOCK_SECONDS / MESSAGES


def _two_dms() -> list[Room]:
    persons = people.make_people(4)
    return people.make_dms([(persons[0], persons[1]), (persons[2], persons[3])])


@asynccontextmanager
async def _held(stage: Stage, room: Room) -> AsyncIterator[None]:
    """Hold a conversation's lock from a transaction of another program."""
    taken, release = threading.Event(), threading.Event()
    holding = asyncio.create_task(stage.built(people.hold_lock, room, taken, release))
    try:
        await asyncio.to_thread(taken.wait)
        yield
    finally:
        release.set()
        await holding


@asynccontextmanager
async def lock_held(stage: Stage) -> AsyncIterator[Run]:
    """One message after the other in one DM, first alone, then while somebody waits for the lock of another DM.

    Who waits is refused after a second, and sends the same again, until the lock is free.
    """
    free, locked = await stage.built(_two_dms)
    async with stage.sockets(free.people) as (sockets, tally), stage.sockets(locked.people) as (waiting, late):
        sender, waiter = Sender(sockets[0], free), Sender(waiting[0], locked)
        refused = 0

        def again() -> None:
            nonlocal refused
            refused += 1
            waiter.repeat()

        waiting[0].on_refusal = again

        async def waits(messages: int) -> list[float]:
            """Send so many, at an even pace; return the milliseconds till both had each, and the sender its reply."""
            return [await _timed(sender, tally) for _ in range(messages)]

        async def run(messages: int) -> Findings:
            nonlocal refused
            refused = 0
            alone = await waits(messages)
            late.expect(3)
            async with _held(stage, locked):
                waiter.send()
                beside = await waits(messages)
            await late.complete()
            require(refused >= int(messages * PAUSE_SECONDS) - 1, "who waited for the lock was not told")
            usual = statistics.median(alone)
            return {
                "delay": statistics.median(beside) - usual,
                "delay_worst": max(beside) - usual,
                "alone_worst": max(alone) - usual,
                "refused": refused,
            }

        yield run


async def _timed(sender: Sender, tally: Tally) -> float:
    began = time.perf_counter()
    tally.expect(3)
    sender.send()
    await tally.complete()
    took = time.perf_counter() - began
    await asyncio.sleep(max(0.0, PAUSE_SECONDS - took))
    return took * 1e3


WORKLOADS = (
    Workload(
        name="lock_held",
        play=lock_held,
        operations=MESSAGES,
        warm_up=20,
        aims=(
            Aim("delay_worst", "ms later at worst", 50.0),
            Aim("delay", "ms later"),
            Aim("alone_worst", "ms later at worst, no lock"),
        ),
    ),
)

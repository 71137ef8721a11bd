"""Sockets over which nothing is said."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.benchmarks.people import Person, make_groups, make_people
from tests.benchmarks.processes import used
from tests.benchmarks.stage import Aim, Findings, Run, Stage, Workload

SOCKETS = 1000
CONVERSATIONS_EACH = 10
GROUP = 10
WARM_UP = 50
SETTLE_SECONDS = 2.0
# At least one ping of each socket's, which come every 25 seconds.
IDLE_SECONDS = 26.0


def _people(count: int) -> list[Person]:
    """Make people in ten groups of ten each: the sockets of people who are in nothing would weigh less."""
    people = make_people(count)
    for number in range(CONVERSATIONS_EACH):
        mixed = random.Random(number).sample(people, count)
        make_groups(mixed[start : start + GROUP] for start in range(0, count, GROUP))
    return people


@asynccontextmanager
async def idle(stage: Stage) -> AsyncIterator[Run]:
    """Open sockets, leave them alone, close them. Memory is compared with what it was before the first of them."""
    people = await stage.built(_people, stage.size(SOCKETS))
    async with stage.sockets(people[:WARM_UP]):
        await asyncio.sleep(SETTLE_SECONDS * stage.scale)
    empty = stage.tree.web_memory()

    async def run(sockets: int) -> Findings:
        before = stage.tree.cpu_seconds()
        async with stage.sockets(people[:sockets]):
            await asyncio.sleep(SETTLE_SECONDS * stage.scale)
            opened = stage.tree.cpu_seconds()
            memory = stage.tree.web_memory()
            seconds = IDLE_SECONDS * stage.scale
            await asyncio.sleep(seconds)
            left_alone = used(opened, stage.tree.cpu_seconds())
        return {
            "pss": (memory["pss"] - empty["pss"]) / sockets,
            "rss": (memory["rss"] - empty["rss"]) / sockets,
            "cpu_a_minute": left_alone["ours"] * 1e3 * 60 / seconds,
            "handshake": used(before, opened)["ours"] * 1e3 / sockets,
        }

    yield run


WORKLOADS = (
    Workload(
        name="idle_1000",
        play=idle,
        operations=SOCKETS,
        warm_up=0,
        aims=(
            Aim("pss", "KiB a socket (PSS)", 60.0),
            Aim("rss", "KiB a socket (RSS)"),
            Aim("cpu_a_minute", "ms of CPU a minute, all"),
            Aim("handshake", "ms of CPU to open one"),
        ),
    ),
)

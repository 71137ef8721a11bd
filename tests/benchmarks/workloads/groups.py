"""Messages to many people who are all connected."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from tests.benchmarks.people import Room, make_groups, make_people
from tests.benchmarks.stage import Aim, Findings, Run, Stage, Workload, require
from tests.benchmarks.workloads.sends import Sender

SENDERS = 10


def _group(members: int) -> Room:
    return make_groups([make_people(members)])[0]


@asynccontextmanager
async def group(stage: Stage, *, members: int) -> AsyncIterator[Run]:
    """One message at a time, by some members in turn: the next is sent when every member has the last."""
    room = await stage.built(_group, stage.size(members))
    async with stage.sockets(room.people) as (sockets, tally):
        senders = itertools.cycle([Sender(socket, room) for socket in sockets[:SENDERS]])

        async def run(messages: int) -> Findings:
            heard = [socket.heard for socket in sockets]
            for _ in range(messages):
                tally.expect(1 + len(sockets))
                next(senders).send()
                await tally.complete()
            require(all(s.heard == h + messages for s, h in zip(sockets, heard, strict=True)), "a message came twice")
            return {}

        yield run


WORKLOADS = tuple(
    Workload(
        name=f"group_{members}",
        play=partial(group, members=members),
        operations=operations,
        warm_up=3 * SENDERS,
        aims=(Aim("cpu", "µs of CPU a recipient", 40),),
        unit=1e-6,
        people=members,
    )
    for members, operations in ((100, 400), (500, 100))
)

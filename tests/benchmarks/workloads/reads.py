"""What clients read: pages of history, the list of conversations, and what they missed."""

import random
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson

from tests.benchmarks import people
from tests.benchmarks.people import Person, Room
from tests.benchmarks.stage import Aim, Findings, Run, Stage, Workload, require

PAGE = 50
HISTORY = 2000
LISTED = 200
LISTED_AT_ONCE = 100
MISSED_CONVERSATIONS = 50
MISSED_EACH = 20
KNOWN_EACH = 80
UNREAD = 10_000
# Each reads it once: so many as all runs take.
READERS = 20


def _history(messages: int) -> tuple[Room, list[str]]:
    [room] = people.make_groups([people.make_people(10)])
    people.write_messages([room], each=messages)
    people.analyse()
    return room, people.message_ids(room.id, every=1)


def _largest() -> tuple[Room, list[str]]:
    room = people.largest_room()
    return room, people.message_ids(room.id, every=100)


def _list(conversations: int) -> Person:
    me, *others = people.make_people(conversations + 1)
    half = conversations // 2
    rooms = people.make_dms((me, other) for other in others[:half])
    rooms += people.make_groups([other, me] for other in others[half:])
    people.write_messages(rooms, each=3)
    people.analyse()
    return me


def _missed(conversations: int) -> tuple[Person, list[Room]]:
    me, *others = people.make_people(conversations + 1)
    half = conversations // 2
    rooms = people.make_dms((me, other) for other in others[:half])
    rooms += people.make_groups([other, me] for other in others[half:])
    people.write_messages(rooms, each=KNOWN_EACH + MISSED_EACH)
    people.analyse()
    return me, rooms


def _unread(messages: int) -> tuple[Room, str]:
    [room] = people.make_groups([people.make_people(READERS)])
    people.write_messages([room], each=messages)
    people.analyse()
    return room, people.newest_id(room.id)


@asynccontextmanager
async def history(stage: Stage) -> AsyncIterator[Run]:
    """Pages of a group's history, each from a place of its own."""
    room, places = await stage.built(_history, 3 * PAGE + stage.size(HISTORY))
    async with _pages(stage, room, places) as run:
        yield run


@asynccontextmanager
async def history_largest(stage: Stage) -> AsyncIterator[Run]:
    """The same in the largest conversation that was seeded."""
    room, places = await stage.built(_largest)
    async with _pages(stage, room, places) as run:
        yield run


@asynccontextmanager
async def _pages(stage: Stage, room: Room, places: list[str]) -> AsyncIterator[Run]:
    choice = random.Random(0)
    async with stage.rest(room.people[0]) as http:

        async def run(pages: int) -> Findings:
            for _ in range(pages):
                place = choice.choice(places)
                answer = await http.call("GET", f"conversations/{room.id}/messages?limit={PAGE}&before={place}")
                require(len(orjson.loads(answer)["results"]) == PAGE, "a page is not whole")
            return {}

        yield run


@asynccontextmanager
async def conversation_list(stage: Stage) -> AsyncIterator[Run]:
    """The whole list, in as many calls as it takes."""
    conversations = stage.size(LISTED)
    me = await stage.built(_list, conversations)
    async with stage.rest(me) as http:

        async def run(lists: int) -> Findings:
            for _ in range(lists):
                found, cursor = 0, ""
                while cursor is not None:
                    path = f"conversations?limit={LISTED_AT_ONCE}" + (f"&cursor={cursor}" if cursor else "")
                    page = orjson.loads(await http.call("GET", path))
                    found, cursor = found + len(page["results"]), page["next"]
                require(found == conversations, "the list is not whole")
            return {}

        yield run


@asynccontextmanager
async def catch_up(stage: Stage) -> AsyncIterator[Run]:
    """What a client does that comes back: one `sync` on its socket."""
    conversations = stage.size(MISSED_CONVERSATIONS)
    me, rooms = await stage.built(_missed, conversations)
    asked = {"versions": {room.id: KNOWN_EACH for room in rooms}}
    async with stage.sockets([me]) as ([socket], _):

        async def run(times: int) -> Findings:
            for _ in range(times):
                answer = orjson.loads(await socket.ask("sync", asked))["data"]["conversations"]
                missed = sum(len(conversation["messages"]) for conversation in answer)
                require(missed == conversations * MISSED_EACH, "what was missed is not whole")
            return {}

        yield run


@asynccontextmanager
async def mark_read(stage: Stage) -> AsyncIterator[Run]:
    """A history that others wrote is marked read at once, by one member after the other."""
    unread = stage.size(UNREAD)
    room, newest = await stage.built(_unread, unread)
    readers = iter(room.people)

    async def run(times: int) -> Findings:
        took = []
        for _ in range(times):
            async with stage.rest(next(readers)) as http:
                began = time.perf_counter()
                answer = await http.call("POST", f"conversations/{room.id}/read", {"message_id": newest})
                took.append((time.perf_counter() - began) * 1000)
            require(orjson.loads(answer)["unread_count"] == 0, "something is unread")
        return {"clock": statistics.median(took)}

    yield run


WORKLOADS = (
    Workload(
        name="history", play=history, operations=200, warm_up=50, aims=(Aim("cpu", f"ms of CPU a page of {PAGE}", 4.0),)
    ),
    Workload(
        name="history_largest",
        play=history_largest,
        operations=200,
        warm_up=50,
        aims=(Aim("cpu", f"ms of CPU a page of {PAGE}", 4.0),),
        needs_seed=True,
    ),
    Workload(
        name="list_200",
        play=conversation_list,
        operations=20,
        warm_up=5,
        aims=(Aim("cpu", f"ms of CPU a list of {LISTED}", 20.0),),
    ),
    Workload(
        name="sync_1000_in_50",
        play=catch_up,
        operations=10,
        warm_up=2,
        aims=(Aim("cpu", "ms of CPU a catch-up", 50.0),),
    ),
    Workload(
        name="read_10000",
        play=mark_read,
        operations=5,
        warm_up=2,
        aims=(Aim("clock", f"ms for {UNREAD:,} messages", 100.0), Aim("cpu", "ms of CPU for them")),
    ),
)

"""Search of messages, by somebody in many conversations, for words that are common and words that are rare."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson

from tests.benchmarks import people
from tests.benchmarks.people import Person
from tests.benchmarks.processes import POSTGRES
from tests.benchmarks.stage import Aim, Findings, Run, Stage, Workload, require

CONVERSATIONS = 200
WORDS = 10


def _common() -> tuple[Person, list[str]]:
    return people.make_joiner(CONVERSATIONS), people.words(WORDS, rare=False)


def _rare() -> tuple[Person, list[str]]:
    return people.make_joiner(CONVERSATIONS), people.words(WORDS, rare=True)


@asynccontextmanager
async def common_words(stage: Stage) -> AsyncIterator[Run]:
    """Words that stand in a great part of all messages: each search fills a page."""
    me, words = await stage.built(_common)
    async with _searches(stage, me, words) as run:
        yield run


@asynccontextmanager
async def rare_words(stage: Stage) -> AsyncIterator[Run]:
    """Words that stand in a few messages, some of them in conversations of others."""
    me, words = await stage.built(_rare)
    async with _searches(stage, me, words) as run:
        yield run


@asynccontextmanager
async def _searches(stage: Stage, me: Person, words: list[str]) -> AsyncIterator[Run]:
    # Another limit is another search: what was found is kept for half a minute.
    asked = iter([(word, limit) for limit in range(50, 101) for word in words])
    async with stage.rest(me) as http:

        async def run(times: int) -> Findings:
            for _ in range(times):
                word, limit = next(asked)
                answer = await http.call("GET", f"search/messages?q=%22{word}%22&limit={limit}")
                require(len(orjson.loads(answer)["results"]) <= limit, "a page is too long")
            return {}

        yield run


WORKLOADS = tuple(
    Workload(
        name=name,
        play=play,
        operations=30,
        warm_up=10,
        aims=(
            Aim(POSTGRES, "ms of PostgreSQL's CPU a search", 50.0),
            Aim("cpu", "ms of CPU a search"),
        ),
        needs_seed=True,
    )
    for name, play in (("search_common", common_words), ("search_rare", rare_words))
)

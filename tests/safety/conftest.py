"""One house for all tests that kill and restart; each brings people of its own."""

import os
import random
import secrets
import tempfile
from collections.abc import Iterator

import pytest

from tests.embedded.layouts import new_layout
from tests.safety.house import House
from tests.safety.model import Client
from tests.safety.people import make_dm, make_group, register

PEOPLE = 8


@pytest.fixture(scope="session")
def _house() -> Iterator[House]:
    with tempfile.TemporaryFile() as log:
        house = House(new_layout(), log)
        yield house
        house.close()


@pytest.fixture
def house(_house: House) -> House:
    """A whole of its own that runs, with two web processes."""
    _house.start_everything(web=2)
    return _house


@pytest.fixture
def rng() -> random.Random:
    """What chance decides. A test that fails shows the seed; SAFETY_SEED repeats it."""
    seed = os.environ.get("SAFETY_SEED") or secrets.token_hex(4)
    print(f"SAFETY_SEED={seed}")  # noqa: T201
    return random.Random(seed)


@pytest.fixture
def clients(house: House, rng: random.Random) -> list[Client]:
    """Eight people with a device each, who write into a group of all and a DM each; the last two by REST."""
    # A name that none of the tests before has taken.
    people = register(house, [f"p{secrets.token_hex(8)}" for _ in range(PEOPLE)])
    group = make_group(house, people)
    dms = [make_dm(house, one, two) for one, two in zip(people[::2], people[1::2], strict=True)]
    return [
        Client(
            house,
            person,
            [group, dms[number // 2]],
            # Of its own: what one draws must not depend on how fast the others are.
            rng=random.Random(rng.random()),
            by_rest=number >= PEOPLE - 2,
        )
        for number, person in enumerate(people)
    ]

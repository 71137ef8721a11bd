"""kill -9 of everything at once, again and again, in the midst of sends."""

import asyncio

import pytest

from tests.safety.ledger import Ledger, check_lives, check_state
from tests.safety.living import each_was_answered, living

# On the worker of the one house.
pytestmark = pytest.mark.xdist_group("safety")

ROUNDS = 20


async def live_until_all_is_killed(house, clients, rng):
    """Have the clients live until everything is killed, some moment after each of them was answered."""
    async with living(clients) as alive:
        await alive.until(each_was_answered(clients))
        await asyncio.sleep(rng.uniform(0.0, 0.3))
        house.kill_everything()


async def come_to_rest(house, clients):
    """Have the clients send what was never answered, and hear the rest."""
    async with living(clients) as alive:
        await alive.come_to_rest(house, clients)


def test_what_was_answered_stands_once_after_twenty_deaths_of_everything(house, clients, rng):
    first = Ledger(house).versions()
    for _ in range(ROUNDS):
        house.start_everything(web=rng.choice((1, 2)))
        asyncio.run(live_until_all_is_killed(house, clients, rng))
        house.start(house.postgres)
        ledger = Ledger(house)
        ledger.check_timelines(first)
        ledger.check_answers(clients)
    house.start_everything(web=2)
    asyncio.run(come_to_rest(house, clients))
    ledger = Ledger(house)
    ledger.check_timelines(first)
    ledger.check_answers(clients)
    ledger.check_nothing_else_was_sent(clients)
    check_lives(clients)
    for client in clients:
        check_state(house, client)

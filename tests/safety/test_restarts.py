"""PostgreSQL and Redis restarted under load, while the web processes stay."""

import asyncio

import pytest

from tests.safety.ledger import Ledger, check_lives, check_state
from tests.safety.living import each_was_answered, living_apart

# On the worker of the one house.
pytestmark = pytest.mark.xdist_group("safety")


def check(house, clients, first):
    ledger = Ledger(house)
    ledger.check_timelines(first)
    ledger.check_answers(clients)
    ledger.check_nothing_else_was_sent(clients)
    check_lives(clients)
    for client in clients:
        check_state(house, client)


def heard_from(client, serving):
    """Return the processes whose messages a client's socket was told."""
    ports = [content.rpartition(" ")[2] for _, _, content in client.lives[0].told]
    return {serving[int(port)] for port in ports if port.isdecimal()}


@pytest.mark.parametrize("end", ["stop_server", "kill_server"])
def test_sends_are_503_while_the_database_is_away_and_then_go_on_by_themselves(house, clients, end):
    async def play():
        async with living_apart(house, clients) as alive:
            await alive.until(each_was_answered(clients))
            getattr(house, end)(house.postgres)
            await alive.until(lambda: all(client.refusals for client in clients))
            await house.astart(house.postgres)
            await alive.until(each_was_answered(clients))
            await alive.come_to_rest(house, clients)

    first, web = Ledger(house).versions(), list(house.web)
    asyncio.run(play())
    check(house, clients, first)
    assert house.web == web
    assert all(len(client.lives) == 1 for client in clients)
    assert {code for client in clients for code in client.refusals} == {"unavailable"}


@pytest.mark.parametrize("end", ["stop_server", "kill_server"])
def test_every_socket_syncs_when_redis_was_away_and_sends_go_on_meanwhile(house, clients, end):
    async def play():
        async with living_apart(house, clients) as alive:
            getattr(house, end)(house.valkey)
            await alive.until(each_was_answered(clients))
            await alive.until(lambda: all(client.lives[0].syncs_required for client in clients))
            await house.astart(house.valkey)
            await alive.until(lambda: all(client.lives[0].syncs_required > 1 for client in clients))
            serving = house.processes_of(client.lives[0].local_port for client in clients)
            assert set(serving.values()) == set(house.web)
            for client in clients:
                client.lives[0].told.clear()
            await alive.until(lambda: all(heard_from(client, serving) == set(house.web) for client in clients))
            await alive.come_to_rest(house, clients)

    first = Ledger(house).versions()
    asyncio.run(play())
    check(house, clients, first)
    assert all(len(client.lives) == 1 for client in clients)
    assert not any(client.refusals for client in clients)

"""Two web processes share the port, and one after the other is killed, while many clients send and receive."""

import asyncio
from collections import defaultdict
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.client import connect

from tests.safety.ledger import Ledger, check_lives, check_state
from tests.safety.living import each_was_answered, living, living_apart

# On the worker of the one house.
pytestmark = pytest.mark.xdist_group("safety")

KILLS = 8
SOCKETS = 16


def test_what_a_process_wrote_is_told_in_its_order_and_once(house, clients):
    async def play():
        async with living_apart(house, clients) as alive:
            await alive.until(each_was_answered(clients))
            await alive.come_to_rest(house, clients)
            return house.processes_of(client.lives[0].local_port for client in clients)

    serving = asyncio.run(play())
    assert set(serving.values()) == set(house.web)
    check_lives(clients)
    for client in clients:
        [life] = client.lives
        versions = defaultdict(list)
        for conversation_id, version, content in life.told:
            way = content.rpartition(" ")[2]
            if way.isdecimal():
                versions[conversation_id, serving[int(way)]].append(version)
        assert versions
        assert all(told == sorted(told) for told in versions.values())


def test_two_processes_share_the_sockets(house, clients):
    async def play():
        async with AsyncExitStack() as stack:
            ports = []
            for number in range(SOCKETS):
                offered = ["bearer", clients[number % len(clients)].person.access]
                socket = await stack.enter_async_context(connect(house.socket_url, subprotocols=offered, proxy=None))
                await socket.recv()
                ports.append(socket.local_address[1])
            return house.processes_of(ports)

    serving = asyncio.run(play())
    assert len(serving) == SOCKETS
    assert set(serving.values()) == set(house.web)


def test_whose_process_is_killed_comes_back_and_all_end_with_what_the_server_has(house, clients, rng):
    async def play():
        async with living(clients) as alive:
            await alive.until(each_was_answered(clients))
            for _ in range(KILLS):
                await asyncio.sleep(rng.uniform(0.1, 0.5))
                house.kill_web(rng.choice(house.web))
                house.add_web()
                await alive.until(each_was_answered(clients))
            await alive.come_to_rest(house, clients)

    first = Ledger(house).versions()
    asyncio.run(play())
    check_lives(clients)
    assert sum(len(client.lives) - 1 for client in clients) >= KILLS
    ledger = Ledger(house)
    ledger.check_timelines(first)
    ledger.check_answers(clients)
    for client in clients:
        check_state(house, client)

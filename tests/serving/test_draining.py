"""Web processes that are replaced one by one: nobody is refused, sockets are told to come back, nothing is lost."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import pytest
import urllib3
from asgiref.sync import sync_to_async

from tests.clients import RestClient, opened, signed_in
from tests.server import LiveChat

RESTARTING = 1012
# Fewer than a session may have.
SOCKETS = 8


@pytest.fixture
def two_processes(transactional_db) -> Iterator[LiveChat]:
    chat = LiveChat.started()
    chat.ensure_running(2)
    yield chat
    chat.stop()


@contextmanager
def asking(chat: LiveChat) -> Iterator[list[int]]:
    """Ask for something again and again meanwhile, each time over a connection of its own."""
    statuses: list[int] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            # As browsers and proxies do: a connection that was closed before its request was read is made anew.
            statuses.append(urllib3.request("GET", f"{chat.url}/readyz", retries=urllib3.Retry(3), timeout=60).status)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield statuses
    finally:
        enough.set()
        thread.join()


def replace(chat: LiveChat, number: int) -> None:
    """End one process as a deploy does, and start another in its place."""
    old = chat.processes.pop(number)
    old.send_signal(signal.SIGTERM)
    old.wait(30)
    chat.ensure_running(2)


async def test_processes_are_replaced_one_by_one_while_people_write(two_processes, group, owner, member):
    chat = two_processes
    owners, members = [(await sync_to_async(signed_in)(user)).tokens.access for user in (owner, member)]
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(opened(chat, owner, access=owners)) for _ in range(SOCKETS)]
        client = RestClient(chat, members)

        def send(content: str) -> None:
            assert client.call("POST", f"conversations/{group.pk}/messages", {"content": content})[0] == 201

        with asking(chat) as statuses:
            for number in (1, 2):
                await sync_to_async(replace)(chat, 0)
                await sync_to_async(send)(f"after {number}")
            async with asyncio.timeout(30):
                await asyncio.gather(*(socket.connection.wait_closed() for socket in sockets))
        assert {socket.connection.close_code for socket in sockets} == {RESTARTING}
        assert set(statuses) == {200}
        async with opened(chat, owner, access=owners) as back:
            assert (await back.command("sync", versions={}))["ok"]
        _, page = await sync_to_async(client.call)("GET", f"conversations/{group.pk}/messages")
        assert [message["content"] for message in page["results"]][:2] == ["after 2", "after 1"]

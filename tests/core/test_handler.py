"""What serves Django's requests: one thread each, streams at the reader's pace."""

import asyncio
import threading

import pytest
from django.core.signals import request_finished, request_started
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

from chat_project.core.stored_files import StoredFileResponse
from chat_project.handler import THREADS, ThreadHandler

CHUNKS = 1000
PATIENCE = 10

made = []
ended = threading.Event()
meeting = threading.Barrier(33)


def plain(request):
    return HttpResponse("words", headers={"X-Thread": threading.current_thread().name})


def stream(request):
    return StreamingHttpResponse(parts())


def stored(request):
    return StoredFileResponse(parts())


def meet(request):
    meeting.wait(PATIENCE)
    return HttpResponse("met")


def parts():
    try:
        for number in range(CHUNKS):
            made.append(number)
            yield b"x" * 1000
    finally:
        ended.set()


urlpatterns = [path("plain", plain), path("stream", stream), path("stored", stored), path("meet", meet)]


@pytest.fixture
def handler(settings):
    """The handler over the addresses of this module."""
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    ended.clear()
    made.clear()
    return ThreadHandler()


class Client:
    """One request, told to the handler as a server tells it; takes no more than it is let."""

    def __init__(self, handler, address, *, takes=10**6):
        self.told = []
        self.gone = asyncio.Event()
        self._asked = False
        self._room = asyncio.Semaphore(takes)
        scope = {"type": "http", "method": "GET", "path": address, "query_string": b"", "headers": []}
        self.done = asyncio.ensure_future(handler(scope, self._receive, self._send))

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.told)

    def take(self, messages):
        for _ in range(messages):
            self._room.release()

    async def has_been_told(self, messages):
        async with asyncio.timeout(PATIENCE):
            while len(self.told) < messages:
                await asyncio.sleep(0.01)

    async def _receive(self):
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        if self.gone.is_set():
            return
        await self._room.acquire()
        self.told.append(message)


async def test_an_answer_is_its_start_and_its_whole_body(handler):
    client = Client(handler, "/plain")
    await client.done
    start, body = client.told
    assert (start["status"], body["body"]) == (200, b"words")
    assert (b"Content-Type", b"text/html; charset=utf-8") in start["headers"]


async def test_a_request_begins_works_and_ends_in_one_thread_that_is_free_before_the_client_reads(handler):
    threads = []

    def note(**_):
        threads.append(threading.current_thread().name)

    request_started.connect(note)
    request_finished.connect(note)
    try:
        client = Client(handler, "/plain", takes=0)
        async with asyncio.timeout(PATIENCE):
            while len(threads) < 2:
                await asyncio.sleep(0.01)
        assert client.told == []
        client.take(2)
        await client.done
    finally:
        request_started.disconnect(note)
        request_finished.disconnect(note)
    header = dict(client.told[0]["headers"])[b"X-Thread"].decode()
    assert set(threads) == {header}
    assert header != threading.current_thread().name


async def test_a_stream_is_no_further_than_its_reader(handler):
    client = Client(handler, "/stream", takes=11)
    await client.has_been_told(11)
    assert len(made) <= 12
    client.take(CHUNKS)
    await client.done
    assert len(client.body) == CHUNKS * 1000
    assert client.told[-1].get("more_body", False) is False


async def test_a_stream_ends_with_its_reader(handler):
    client = Client(handler, "/stream", takes=5)
    await client.has_been_told(5)
    client.gone.set()
    client.take(1)
    await client.done
    assert ended.is_set()
    assert len(made) < CHUNKS


async def test_readers_of_files_that_stand_still_keep_no_thread(handler):
    readers = [Client(handler, "/stored", takes=3) for _ in range(THREADS + 1)]
    for reader in readers:
        await reader.has_been_told(3)
    other = Client(handler, "/plain")
    await asyncio.wait_for(other.done, PATIENCE)
    assert other.body == b"words"
    for reader in readers[1:]:
        reader.gone.set()
    for reader in readers:
        reader.take(CHUNKS)
    await asyncio.wait_for(asyncio.gather(*(reader.done for reader in readers)), PATIENCE)
    assert len(readers[0].body) == CHUNKS * 1000


async def test_many_requests_that_wait_keep_no_other_from_being_served(handler):
    waiting = [Client(handler, "/meet") for _ in range(meeting.parties - 1)]
    other = Client(handler, "/plain")
    await asyncio.wait_for(other.done, PATIENCE)
    assert other.body == b"words"
    last = Client(handler, "/meet")
    await asyncio.wait_for(asyncio.gather(last.done, *(client.done for client in waiting)), PATIENCE)
    assert {client.body for client in [*waiting, last]} == {b"met"}

"""The end of sessions where several processes serve, and where the word of it is lost."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack, contextmanager

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers, get_channel_layer
from django.conf import settings
from django.utils import timezone
from websockets.exceptions import ConnectionClosed

from accounts.models import User, UserSession
from chat_project.core.realtime import hub as hub_module
from chat_project.core.realtime.hub import SESSION_REVOKED, Hub
from messaging.sockets.directory import DatabaseDirectory
from tests.clients import WAIT_SECONDS, RestClient, opened, signed_in
from tests.messaging.test_hub import Socket

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def alone(chat, process):
    """Have one of the processes that share the port serve, while the others are asleep."""
    others = [other for other in chat.processes if other is not process]
    for other in others:
        os.kill(other.pid, signal.SIGSTOP)
    try:
        chat.wait()
        yield
    finally:
        for other in others:
            os.kill(other.pid, signal.SIGCONT)


def status_at(chat, process, signed):
    with alone(chat, process):
        return RestClient(chat, signed.tokens.access).call("GET", "users/me")[0]


async def closing_code(socket):
    with pytest.raises(ConnectionClosed) as closed:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                await socket.connection.recv()
    return closed.value.rcvd.code


async def open_at(stack, chat, process, signed):
    asleep = alone(chat, process)
    await asyncio.to_thread(asleep.__enter__)
    try:
        return await stack.enter_async_context(opened(chat, signed.user, access=signed.tokens.access))
    finally:
        asleep.__exit__(None, None, None)


async def test_ending_all_others_reaches_every_process_at_once(live_chat, member):
    await asyncio.to_thread(live_chat.ensure_running, 2)
    first, second = live_chat.processes
    this, phone, laptop = [await sync_to_async(signed_in)(member) for _ in range(3)]
    async with AsyncExitStack() as stack:
        kept = await open_at(stack, live_chat, second, this)
        sockets = [
            await open_at(stack, live_chat, process, signed) for process, signed in ((first, phone), (second, laptop))
        ]
        # Each process has both in its way of knowing live sessions.
        for process in (first, second):
            for signed in (phone, laptop):
                assert await asyncio.to_thread(status_at, live_chat, process, signed) == 200
        with_this = RestClient(live_chat, this.tokens.access)
        assert (await asyncio.to_thread(with_this.call, "DELETE", "auth/sessions"))[0] == 204
        assert await asyncio.gather(*map(closing_code, sockets)) == [4401, 4401]
        for process in (first, second):
            for signed in (phone, laptop):
                assert await asyncio.to_thread(status_at, live_chat, process, signed) == 401
            assert await asyncio.to_thread(status_at, live_chat, process, this) == 200
        assert (await kept.command("ping"))["ok"]
        assert (await kept.event("session.revoked"))["data"]["session_id"] in {phone.session.id, laptop.session.id}


class CountingDirectory(DatabaseDirectory):
    """The directory, which counts how often it is asked for sessions."""

    def __init__(self):
        self.asked = []

    async def live_sessions(self, session_ids):
        self.asked.append(set(session_ids))
        return await super().live_sessions(session_ids)


@pytest.fixture
async def hub(monkeypatch):
    monkeypatch.setattr(hub_module, "RECHECK_SECONDS", 0.05)
    hub = Hub(directory=CountingDirectory(), fragment=lambda event, data: None, shards=settings.REALTIME_SHARDS)
    await hub.start()
    yield hub
    await hub.stop()
    await get_channel_layer().flush()
    channel_layers.backends.clear()


class SignedInSocket(Socket):
    """A socket of a session, which notes how it was closed."""

    def __init__(self, signed):
        super().__init__(signed.user)
        self.session_id = signed.session.id
        self.closed = asyncio.get_running_loop().create_future()

    def end(self, code):
        if not self.closed.done():
            self.closed.set_result(code)


async def test_sockets_whose_sessions_end_was_never_told_are_closed_by_one_look_at_all(hub, owner, member):
    sockets = []
    for user in (owner, owner, member, member):
        sockets.append(SignedInSocket(await sync_to_async(signed_in)(user)))
        await hub.attach(sockets[-1])
    ended, of_suspended = sockets[0], sockets[2:]
    await UserSession.objects.filter(id=ended.session_id).aupdate(revoked_at=timezone.now())
    await User.objects.filter(id=member.pk).aupdate(is_suspended=True)
    async with asyncio.timeout(WAIT_SECONDS):
        codes = await asyncio.gather(ended.closed, *(socket.closed for socket in of_suspended))
    assert codes == [SESSION_REVOKED] * 3
    assert not sockets[1].closed.done()
    assert {socket.session_id for socket in sockets} in hub._directory.asked
    for socket in sockets:
        hub.detach(socket)

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.db import connection

from accounts import hashers
from accounts.models import User
from tests.accounts.clients import Api
from tests.clients import RestClient, opened
from tests.factories import PASSWORD, UserFactory

LOGINS = 50


def test_passwords_are_argon2id_of_sixty_four_mebibytes(settings):
    settings.ARGON2_MEMORY_KIB = 65_536
    kept = make_password("a long walk home")
    assert kept.startswith("argon2$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_hash_holds_no_connection():
    connection.ensure_connection()
    make_password("a long walk home")
    assert connection.connection is None


def test_only_so_many_hashes_take_their_memory_at_a_time(monkeypatch):
    at_work, most, lock = 0, 0, threading.Lock()
    encode = Argon2PasswordHasher.encode

    def counted(self, password, salt):
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        try:
            return encode(self, password, salt)
        finally:
            with lock:
                at_work -= 1

    monkeypatch.setattr(Argon2PasswordHasher, "encode", counted)
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(make_password, ["a long walk home"] * 20))
    assert 1 <= most <= hashers.AT_A_TIME


@pytest.fixture
def _nobody_more_can_wait(db, monkeypatch):
    UserFactory(username="anna")
    full = threading.BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(hashers.ChatArgon2Hasher, "_places", full)


@pytest.mark.usefixtures("_nobody_more_can_wait")
@pytest.mark.parametrize("login", ["anna", "nobody"])
def test_who_comes_when_too_many_wait_is_told_to_come_back_and_is_not_counted(login):
    for _ in range(11):
        answer = Api().post("auth/login", {"login": login, "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer["Retry-After"] == "6"


@pytest.mark.django_db(transaction=True)
async def test_fifty_sign_ins_at_once_do_not_keep_messages_from_being_sent(
    live_chat, owner, group, settings, monkeypatch
):
    settings.ARGON2_MEMORY_KIB = 16_384
    monkeypatch.setitem(live_chat.environment, "ARGON2_MEMORY_KIB", "16384")
    names = await asyncio.to_thread(_crowd, make_password(PASSWORD))
    await asyncio.to_thread(_restart, live_chat)
    try:
        async with opened(live_chat, owner) as socket:
            await _sent(socket, group)
            storm = asyncio.create_task(asyncio.to_thread(_sign_in_all, live_chat, names))
            began, slowest, sent = time.monotonic(), 0.0, 0
            while not storm.done():
                slowest, sent = max(slowest, await _sent(socket, group)), sent + 1
                # No faster than a person may send.
                await asyncio.wait({storm}, timeout=0.05)
            took = time.monotonic() - began
    finally:
        live_chat.kill(live_chat.processes[0])
    assert await storm == [200] * LOGINS
    # On the event loop, a send would wait for all the hashes that came before it.
    assert sent > 3
    assert slowest < took / 3


def _crowd(hashed):
    people = [UserFactory.build(password=hashed) for _ in range(LOGINS)]
    User.objects.bulk_create(people)
    connection.close()
    return [person.username for person in people]


def _restart(live_chat):
    for process in list(live_chat.processes):
        live_chat.kill(process)
    live_chat.ensure_running()


def _sign_in_all(live_chat, names):
    def sign_in(name):
        return RestClient(live_chat, None).call("POST", "auth/login", {"login": name, "password": PASSWORD})[0]

    with ThreadPoolExecutor(LOGINS) as pool:
        return list(pool.map(sign_in, names))


async def _sent(socket, group):
    began = time.monotonic()
    reply = await socket.command("message.send", conversation_id=group.pk, content="hi")
    assert reply["ok"], reply
    return time.monotonic() - began

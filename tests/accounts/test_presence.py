import time

import pytest

from accounts import presence
from accounts.presence import mark_offline, mark_online, online_ids
from chat_project.core.cache import redis_client
from chat_project.core.db.cuid import new_cuid

ANNA, BERTA = new_cuid(), new_cuid()


def test_who_has_a_socket_somewhere_is_online():
    mark_online([ANNA])
    assert online_ids([ANNA, BERTA]) == {ANNA}
    assert online_ids([]) == set()


def test_one_is_online_while_any_process_says_so(monkeypatch):
    mark_online([ANNA])
    monkeypatch.setattr(presence, "_token", "another process")
    mark_online([ANNA])
    mark_offline([ANNA])
    assert online_ids([ANNA]) == {ANNA}
    monkeypatch.undo()
    mark_offline([ANNA])
    assert online_ids([ANNA]) == set()


def test_a_process_that_died_is_forgotten(monkeypatch):
    mark_online([ANNA])
    later = time.time() + presence.ONLINE_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert online_ids([ANNA]) == set()


def test_keys_of_presence_do_not_stay():
    mark_online([ANNA])
    (key,) = redis_client().scan_iter(f"*{ANNA}*")
    assert 0 < redis_client().ttl(key) <= presence.ONLINE_SECONDS


@pytest.mark.django_db
def test_without_redis_nobody_is_online(settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock?db=0"}}
    mark_online([ANNA])
    mark_offline([ANNA])
    assert online_ids([ANNA]) == set()

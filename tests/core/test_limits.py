import pytest

from chat_project.core import limits
from chat_project.core.cache import redis_client
from chat_project.core.errors import TooManyRequestsError
from chat_project.core.limits import count, forget, hit, take_back


@pytest.fixture(params=["redis", "no redis"])
def _with_or_without_redis(request, settings):
    if request.param == "no redis":
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock?db=0"}}
    yield
    limits._local = limits._LocalWindows()


pytestmark = pytest.mark.usefixtures("_with_or_without_redis")


def test_so_many_and_no_more():
    assert [hit("key", limit=3, seconds=60).count for _ in range(3)] == [1, 2, 3]
    with pytest.raises(TooManyRequestsError) as refused:
        hit("key", limit=3, seconds=60)
    assert 59 < refused.value.retry_after <= 60
    assert hit("another key", limit=3, seconds=60).count == 1


def test_a_window_ends():
    hit("key", limit=1, seconds=0.001)
    while count("probe", seconds=60).count < 1000:
        try:
            hit("key", limit=1, seconds=0.001)
            return
        except TooManyRequestsError:
            continue
    pytest.fail("the window never ended")


def test_what_was_in_order_is_taken_back():
    hit("key", limit=1, seconds=60)
    take_back("key")
    assert hit("key", limit=1, seconds=60).count == 1


def test_taking_back_what_was_never_counted_leaves_nothing():
    take_back("key")
    assert hit("key", limit=1, seconds=60).count == 1


def test_a_forgotten_key_begins_anew():
    hit("key", limit=1, seconds=60)
    forget("key")
    assert hit("key", limit=1, seconds=60).count == 1


def test_limits_that_are_off_count_nothing(settings):
    settings.RATE_LIMITS = False
    assert [hit("key", limit=1, seconds=60).count for _ in range(3)] == [0, 0, 0]
    assert count("key", seconds=60).count == 1


def test_a_process_counts_a_bounded_number_of_keys(monkeypatch):
    monkeypatch.setattr(limits, "LOCAL_KEYS", 2)
    windows = limits._LocalWindows()
    for key in "abca":
        last = windows.count(key, 60)
    assert last.count == 1


@pytest.mark.parametrize("_with_or_without_redis", ["redis"], indirect=True)
def test_no_key_in_redis_stays_for_ever():
    hit("key", limit=1, seconds=60)
    take_back("key", "never counted")
    (key,) = redis_client().scan_iter("*limit*")
    assert redis_client().ttl(key) > 0

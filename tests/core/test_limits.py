import pytest

from accounts.models import LimitWindow
from chat_project.core.cache import redis_client
from chat_project.core.errors import TooManyRequestsError
from chat_project.core.limits import cleanup_windows, count, forget, hit, take_back
from tests.threads import at_once


@pytest.fixture(params=["redis", "no redis"])
def _with_or_without_redis(request, settings):
    if request.param == "no redis":
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock?db=0"}}


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_with_or_without_redis")]


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


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_none_is_lost():
    outcomes = at_once(*[lambda: hit("key", limit=5, seconds=60)] * 8)
    assert sum(isinstance(outcome, TooManyRequestsError) for outcome in outcomes) == 3


@pytest.mark.parametrize("_with_or_without_redis", ["no redis"], indirect=True)
def test_windows_in_the_database_are_deleted_when_they_have_ended():
    hit("ended", limit=1, seconds=0)
    hit("running", limit=1, seconds=60)
    assert cleanup_windows() == 1
    assert cleanup_windows() == 0
    with pytest.raises(TooManyRequestsError):
        hit("running", limit=1, seconds=60)


@pytest.mark.parametrize("_with_or_without_redis", ["no redis"], indirect=True)
def test_what_was_typed_stands_nowhere_in_the_database():
    hit("sign-in:login:hunter2:192.0.2.1", limit=1, seconds=60)
    assert "hunter2" not in LimitWindow.objects.get().name


@pytest.mark.parametrize("_with_or_without_redis", ["redis"], indirect=True)
def test_no_key_in_redis_stays_for_ever():
    hit("key", limit=1, seconds=60)
    take_back("key", "never counted")
    (key,) = redis_client().scan_iter("*limit*")
    assert redis_client().ttl(key) > 0

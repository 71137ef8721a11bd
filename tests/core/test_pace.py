"""How fast an account may go, over all processes and without asking Redis for each step."""

import pytest

from chat_project.core.cache import redis_client
from chat_project.core.errors import TooManyRequestsError
from chat_project.core.pace import Pace
from tests.threads import at_once

BURST = 60


@pytest.fixture
def processes():
    """The same limit in three processes. It refills too slowly for a test to see."""
    return [Pace("test", rate=0.001, burst=BURST) for _ in range(3)]


@pytest.fixture
def _no_redis(settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock?db=0"}}


def take(pace, key="somebody", amount=1):
    """Take one; tell whether it was given."""
    try:
        if not pace.passes(key, amount=amount):
            pace.ask(key)
    except TooManyRequestsError:
        return False
    return True


def taken(pace, **how):
    """Return how many are given in one go."""
    count = 0
    while take(pace, **how):
        count += 1
    return count


def test_a_process_lets_through_what_is_allowed_and_no_more(processes):
    assert taken(processes[0]) == BURST
    assert taken(processes[0], key="somebody else") == BURST


def test_several_processes_together_let_through_little_more_than_one(processes):
    given = sum(taken(pace) for pace in processes)
    assert BURST <= given <= BURST * (1 + 0.1 * (len(processes) - 1)) + len(processes)


def test_who_is_refused_is_told_for_how_long(processes):
    taken(processes[0])
    with pytest.raises(TooManyRequestsError) as here:
        processes[0].passes("somebody")
    with pytest.raises(TooManyRequestsError) as everywhere:
        processes[1].passes("somebody", amount=BURST)
        processes[1].ask("somebody")
    assert 999 < everywhere.value.retry_after <= here.value.retry_after == 1000


def test_who_goes_slowly_is_not_asked_for_in_redis(processes):
    assert all(processes[0].passes("somebody") for _ in range(6))
    assert not list(redis_client().scan_iter("*pace*"))
    assert take(processes[0])
    (key,) = redis_client().scan_iter("*pace*")
    assert redis_client().pttl(key) > 0


def test_what_is_more_than_there_is_is_owed(processes):
    assert take(processes[0], amount=100)
    assert not take(processes[0])
    assert taken(processes[1]) <= 6


@pytest.mark.usefixtures("_no_redis")
def test_without_redis_each_process_counts_for_itself(processes):
    assert [taken(pace) for pace in processes] == [BURST] * 3


def test_of_many_at_once_none_is_lost(processes):
    outcomes = at_once(*[lambda: take(processes[0])] * (BURST + 10))
    assert sum(outcomes) == BURST

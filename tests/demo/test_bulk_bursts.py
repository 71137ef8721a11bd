"""When the people of a crowd write."""

from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from chat_project.demo.bulk.bursts import bursts
from chat_project.demo.bulk.clock import milliseconds
from chat_project.demo.chance import Chance


@pytest.mark.parametrize("hour", [3, 12, 23])
@pytest.mark.parametrize(
    ("messages", "life"),
    [
        (0, timedelta(days=3)),
        (1, timedelta(hours=1)),
        (300, timedelta(hours=1)),
        (5000, timedelta(hours=2)),
        (5000, timedelta(days=400)),
    ],
)
def test_all_messages_come_in_order_and_within_the_life_of_a_conversation(
    messages: int, life: timedelta, hour: int
) -> None:
    begins = datetime(2026, 2, 10, hour, 17, tzinfo=UTC)
    first, last = milliseconds(begins), milliseconds(begins + life)
    times = list(chain(*bursts(Chance("life"), messages, begins=first, ends=last, utc_offset=0)))
    assert len(times) == messages
    assert times == sorted(times)
    assert all(first <= at < last for at in times)


def test_people_sleep_at_night_where_they_live() -> None:
    begins = datetime(2026, 2, 10, tzinfo=UTC)
    zone = timedelta(hours=9)
    times = chain(
        *bursts(
            Chance("night"),
            2000,
            begins=milliseconds(begins),
            ends=milliseconds(begins + timedelta(days=90)),
            utc_offset=zone // timedelta(milliseconds=1),
        )
    )
    hours = {(datetime.fromtimestamp(at / 1000, UTC) + zone).hour for at in times}
    assert not hours & set(range(7))


def test_some_days_are_busy_and_some_silent() -> None:
    begins = datetime(2026, 2, 10, tzinfo=UTC)
    days = [0] * 64
    ends = begins + timedelta(days=64)
    for burst in bursts(Chance("days"), 6400, begins=milliseconds(begins), ends=milliseconds(ends), utc_offset=0):
        for at in burst:
            days[(at - milliseconds(begins)) // 86_400_000] += 1
    # Evenly dealt it would be a hundred a day, give or take thirty.
    assert max(days) > 300
    assert min(days) < 30

"""When people write: in bursts, in busy weeks and quiet months, and by day."""

from collections.abc import Iterator

from chat_project.demo.bulk.clock import DAY, HOUR
from chat_project.demo.chance import Chance

_AWAKE = 16 * HOUR
_MORNING = 7 * HOUR + HOUR // 2

_MESSAGES_A_BURST = 9
_PAUSE = 22_000
# Where less time than this is left for each message, they come evenly, so many a burst.
_CROWDED = 4_000
_CROWD = 200


def bursts(chance: Chance, messages: int, *, begins: int, ends: int, utc_offset: int) -> Iterator[list[int]]:
    """Yield the times of so many messages between two moments, in order, burst by burst, all in milliseconds.

    Time is halved again and again, and the messages are dealt unevenly to the halves: that clusters at every scale,
    as real traffic does.
    """
    dawn = (begins + utc_offset - _MORNING) // DAY * DAY + _MORNING - utc_offset
    awake = _AWAKE
    if _time_awake(ends - dawn, awake) - _time_awake(begins - dawn, awake) < messages * _CROWDED:
        # Too short a life to sleep in.
        dawn, awake = begins, DAY
    waiting = [(messages, _time_awake(begins - dawn, awake), _time_awake(ends - dawn, awake) - 1)]
    while waiting:
        count, start, end = waiting.pop()
        crowded = end - start < count * _CROWDED
        if count <= (_CROWD if crowded else 1 + chance.expovariate(1 / _MESSAGES_A_BURST)):
            if count:
                yield [dawn + at // awake * DAY + at % awake for at in _burst(chance, count, start, end)]
            continue
        middle = (start + end) // 2
        sooner = count // 2 if crowded else int(count * chance.uniform(0.15, 0.85) + chance.random())
        waiting.append((count - sooner, middle, end))
        waiting.append((sooner, start, middle))


def _time_awake(passed: int, awake: int) -> int:
    """Return how much of the time since a dawn people were awake; a moment of the night counts as the next dawn."""
    days, rest = divmod(passed, DAY)
    return days * awake + min(rest, awake)


def _burst(chance: Chance, count: int, start: int, end: int) -> Iterator[int]:
    """Yield growing times of one burst between start and end."""
    room = end - start
    if room < count * _CROWDED:
        for number in range(count):
            yield start + int(room * (number + chance.random()) / count)
        return
    pauses = [500 + chance.expovariate(1 / _PAUSE) for _ in range(count)]
    length = sum(pauses)
    scale = min(1.0, room / length)
    at = start + (room - length * scale) * chance.random()
    for pause in pauses:
        yield int(at)
        at += pause * scale

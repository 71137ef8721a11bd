"""CUIDs of the first generation: 25 lower-case characters that sort by creation time.

`c`, eight characters of milliseconds since 1970 in base 36, four of a counter, four of a
fingerprint of the process, eight of randomness.
"""

import os
import re
import secrets
import socket
import threading
import time
import zlib
from datetime import UTC, datetime, timedelta

LENGTH = 25
PATTERN = re.compile(r"^c[0-9a-z]{24}$")

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTER_SPAN = 36**4
_RANDOM_SPAN = 36**8


def new_cuid() -> str:
    """Return a new id, greater than every id that this process made before."""
    milliseconds, count = _sequence.following()
    random = _base36(secrets.randbelow(_RANDOM_SPAN), 8)
    return f"c{_base36(milliseconds, 8)}{_base36(count, 4)}{_sequence.fingerprint}{random}"


def cuid_at(moment: datetime) -> str:
    """Return an id that sorts as if it had been made at `moment`; ids of one millisecond have no order."""
    random = _base36(secrets.randbelow(_COUNTER_SPAN * _RANDOM_SPAN), 12)
    return f"{cuid_floor(moment)}{random[:4]}{_sequence.fingerprint}{random[4:]}"


def is_cuid(value: object) -> bool:
    """Tell whether `value` has the form of an id."""
    return isinstance(value, str) and PATTERN.fullmatch(value) is not None


def cuid_floor(moment: datetime) -> str:
    """Return the prefix that every id made at or after `moment` is not below: a bound for ranges of ids."""
    # In whole numbers: a float of seconds falls short of some milliseconds by one.
    return f"c{_base36((moment - _EPOCH) // timedelta(milliseconds=1), 8)}"


def _base36(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, remainder = divmod(number, 36)
        digits.append(_DIGITS[remainder])
    return "".join(reversed(digits))


class _Sequence:
    """The clock and the counter of one process; the clock never runs backwards here."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._milliseconds = 0
        self._count = 0
        self.fingerprint = _base36(zlib.crc32(f"{socket.gethostname()}:{os.getpid()}".encode()) % 36**4, 4)

    def following(self) -> tuple[int, int]:
        with self._lock:
            now = time.time_ns() // 1_000_000
            if now > self._milliseconds:
                self._milliseconds, self._count = now, 0
            elif self._count + 1 < _COUNTER_SPAN:
                self._count += 1
            else:
                self._milliseconds, self._count = self._milliseconds + 1, 0
            return self._milliseconds, self._count


def _after_fork() -> None:
    global _sequence  # a forked child must not go on with its parent's fingerprint
    _sequence = _Sequence()


_sequence = _Sequence()
os.register_at_fork(after_in_child=_after_fork)

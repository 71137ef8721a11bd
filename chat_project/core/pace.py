"""How fast one client or account may go in this process: token buckets, which refill by the clock."""

import time
from collections import OrderedDict

from chat_project.core.errors import TooManyRequestsError


class TokenBucket:
    """So many a second, with bursts."""

    __slots__ = ("_at", "_burst", "_level", "_rate")

    def __init__(self, *, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._at = time.monotonic()

    def take(self, amount: float = 1) -> bool:
        """Take one, if there is one; `amount` of them, and what is not there is owed."""
        now = time.monotonic()
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < 1:
            return False
        self._level -= amount
        return True


class Pace:
    """A bucket for each key; the least recently used are forgotten, which can only be generous."""

    def __init__(self, *, rate: float, burst: float, keys_max: int = 20_000) -> None:
        self._rate = rate
        self._burst = burst
        self._keys_max = keys_max
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def require(self, key: str, *, amount: float = 1) -> None:
        """Take from a key's bucket, and owe what is not there. Raises TooManyRequestsError when it is empty."""
        bucket = self._buckets.setdefault(key, TokenBucket(rate=self._rate, burst=self._burst))
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._keys_max:
            self._buckets.popitem(last=False)
        if not bucket.take(amount):
            raise TooManyRequestsError(retry_after=1 / self._rate)

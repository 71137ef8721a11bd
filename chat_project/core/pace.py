"""How fast one client or account may go: token buckets, which refill by the clock, in a process and in Redis."""

import hashlib
import logging
import threading
import time
from collections import OrderedDict

from redis.exceptions import RedisError

from chat_project.core.cache import redis_client, redis_key
from chat_project.core.errors import TooManyRequestsError

# Who goes slower than this share of what is allowed is not asked for in Redis.
SHARE = 0.1
KEYS_MAX = 20_000

# A bucket as the moment, in ms by Redis' clock, at which it is full again. Returns how long to wait, 0 for yes.
_TAKE = """
    local time = redis.call('TIME')
    local now = time[1] * 1000 + time[2] / 1000
    local token, burst, amount = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
    local wait = full - now - (burst - 1) * token
    if wait > 0 then return math.ceil(wait) end
    full = full + amount * token
    redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil(full - now) + 1)
    return 0
"""

logger = logging.getLogger(__name__)


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
        self._refill()
        if self._level < 1:
            return False
        self._level -= amount
        return True

    def taken(self) -> float:
        """Return how much has been taken and is not refilled yet."""
        self._refill()
        return self._burst - self._level

    def _refill(self) -> None:
        now = time.monotonic()
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now


class _Standing:
    """How one key stands in this process: what it took here, what of that without Redis, and what it still may so."""

    __slots__ = ("here", "share", "untold")

    def __init__(self, rate: float, burst: float) -> None:
        self.here = TokenBucket(rate=rate, burst=burst)
        self.share = TokenBucket(rate=rate * SHARE, burst=burst * SHARE)
        self.untold = TokenBucket(rate=rate, burst=burst)


class Pace:
    """A bucket for each key, over all processes.

    A key that keeps to its SHARE is let through by the process alone. Beyond it Redis is asked, in one round trip,
    and told what went before: N processes let through no more than 1 + (N - 1) * SHARE of what one may. While Redis is
    down each process counts for itself. The least recently used keys are forgotten, which can only be generous.
    """

    def __init__(self, name: str, *, rate: float, burst: float) -> None:
        self._name = name
        self._rate = rate
        self._burst = burst
        self._standings: OrderedDict[str, _Standing] = OrderedDict()
        self._lock = threading.Lock()

    def passes(self, key: str, *, amount: float = 1) -> bool:
        """Take from a key's bucket in this process; tell whether that is all there is to do: else `ask`. Never blocks.

        What is not there is owed. Raises TooManyRequestsError when the bucket is empty.
        """
        with self._lock:
            standing = self._standing(key)
            if not standing.here.take(amount):
                raise TooManyRequestsError(retry_after=1 / self._rate)
            standing.untold.take(amount)
            return amount <= 1 and standing.share.take(amount)

    def ask(self, key: str) -> None:
        """Take from a key's bucket in Redis what was taken here since it was told. Raises TooManyRequestsError."""
        with self._lock:
            standing = self._standing(key)
            amount = standing.untold.taken()
            standing.untold = TokenBucket(rate=self._rate, burst=self._burst)
        if amount <= 0:
            # Another thread has just told it.
            return
        name = redis_key("pace", self._name, hashlib.sha256(key.encode()).hexdigest()[:32])
        try:
            wait = redis_client().eval(_TAKE, 1, name, 1000 / self._rate, self._burst, amount)
        except RedisError as error:
            logger.warning("each process counts for itself: %s", type(error).__name__)
            return
        if wait:
            raise TooManyRequestsError(retry_after=float(wait) / 1000)

    def _standing(self, key: str) -> _Standing:
        if key not in self._standings:
            self._standings[key] = _Standing(self._rate, self._burst)
            if len(self._standings) > KEYS_MAX:
                self._standings.popitem(last=False)
        self._standings.move_to_end(key)
        return self._standings[key]

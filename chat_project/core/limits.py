"""How often something may happen: counts in fixed windows, in Redis, so that all processes count together.

While Redis is down each process counts by itself: a limit may then be looser, never off.
"""

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from django.conf import settings
from redis.exceptions import RedisError

from chat_project.core.cache import redis_client, redis_key
from chat_project.core.errors import TooManyRequestsError

LOCAL_KEYS = 20_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Window:
    """How often a key was counted in its present window, and in how many seconds that ends."""

    count: int
    ends_in: float


def hit(key: str, *, limit: int, seconds: float) -> Window:
    """Count `key` once more, at most `limit` times in a window of `seconds`, which begins with its first count.

    Refused calls count, and do not move the window. With RATE_LIMITS off nothing is counted or refused. Keys may
    hold what people typed: they are hashed.

    Raises: TooManyRequestsError, with the seconds that are left.
    """
    if not settings.RATE_LIMITS:
        return Window(0, seconds)
    window = count(key, seconds=seconds)
    if window.count > limit:
        raise TooManyRequestsError(retry_after=window.ends_in)
    return window


def count(key: str, *, seconds: float) -> Window:
    """Count `key` once more, whatever RATE_LIMITS says, and refuse nothing."""
    name = _name(key)
    try:
        pipeline = redis_client().pipeline(transaction=True)
        pipeline.set(name, 0, px=int(seconds * 1000), nx=True)
        pipeline.incr(name)
        pipeline.pttl(name)
        _, counted, milliseconds = pipeline.execute()
    except RedisError as error:
        logger.warning("limits are counted in this process alone: %s", type(error).__name__)
        return _local.count(name, seconds)
    return Window(counted, milliseconds / 1000)


def take_back(*keys: str) -> None:
    """Uncount one hit of each key: what was counted beforehand turned out to be in order."""
    for key in keys:
        name = _name(key)
        try:
            pipeline = redis_client().pipeline(transaction=True)
            pipeline.decr(name)
            pipeline.pttl(name)
            _, milliseconds = pipeline.execute()
            # The window had ended already: what the decrement made in its stead would never end.
            if milliseconds < 0:
                redis_client().delete(name)
        except RedisError:
            _local.take_back(name)


def forget(key: str) -> None:
    """End the window of `key`."""
    name = _name(key)
    _local.forget(name)
    try:
        redis_client().delete(name)
    except RedisError as error:
        logger.warning("a limit could not be lifted: %s", type(error).__name__)


def _name(key: str) -> str:
    return redis_key("limit", hashlib.sha256(key.encode()).hexdigest()[:32])


class _LocalWindows:
    """The windows of one process, at most LOCAL_KEYS of them; the oldest make room."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def count(self, name: str, seconds: float) -> Window:
        now = time.monotonic()
        with self._lock:
            counted, end = self._windows.get(name, (0, 0.0))
            if end <= now:
                counted, end = 0, now + seconds
                self._windows.pop(name, None)
            self._windows[name] = (counted + 1, end)
            while len(self._windows) > LOCAL_KEYS:
                self._windows.popitem(last=False)
            return Window(counted + 1, end - now)

    def take_back(self, name: str) -> None:
        with self._lock:
            counted, end = self._windows.get(name, (0, 0.0))
            if counted:
                self._windows[name] = (counted - 1, end)

    def forget(self, name: str) -> None:
        with self._lock:
            self._windows.pop(name, None)


_local = _LocalWindows()

"""How often something may happen: counts in fixed windows, in Redis, so that all processes count together.

While Redis is down the same is counted in PostgreSQL: slower, and never off. What was counted in the one is not known
to the other, so a window begins anew when Redis goes and when it comes back.
"""

import hashlib
import logging
from dataclasses import dataclass
from typing import LiteralString

from django.conf import settings
from django.db import connection
from redis.exceptions import RedisError

from chat_project.core.cache import redis_client, redis_key
from chat_project.core.errors import TooManyRequestsError

# The table is accounts', and known here by its name alone. By the clock, since now() stands still in a transaction.
_COUNT: LiteralString = """
    INSERT INTO limit_windows AS kept (name, count, ends_at)
    VALUES (%s, 1, clock_timestamp() + %s * interval '1 second')
    ON CONFLICT (name) DO UPDATE SET
        count = CASE WHEN kept.ends_at <= clock_timestamp() THEN 1 ELSE kept.count + 1 END,
        ends_at = CASE WHEN kept.ends_at <= clock_timestamp() THEN excluded.ends_at ELSE kept.ends_at END
    RETURNING count, extract(epoch FROM ends_at - clock_timestamp())
"""
_TAKE_BACK: LiteralString = "UPDATE limit_windows SET count = count - 1 WHERE name = %s AND count > 0"
_FORGET: LiteralString = "DELETE FROM limit_windows WHERE name = %s"
_CLEAN_UP: LiteralString = "DELETE FROM limit_windows WHERE ends_at <= clock_timestamp()"

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


def hit_search(user_id: str) -> None:
    """Count a search of an account's: of messages, its own list, people, or what is public.

    Raises: TooManyRequestsError beyond SEARCHES_PER_MINUTE.
    """
    hit(f"searches:{user_id}", limit=settings.SEARCHES_PER_MINUTE, seconds=60)


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
        logger.warning("limits are counted in the database: %s", type(error).__name__)
        return _count_in_database(name, seconds)
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
            _execute(_TAKE_BACK, name)


def forget(key: str) -> None:
    """End the window of `key`."""
    name = _name(key)
    try:
        redis_client().delete(name)
    except RedisError:
        _execute(_FORGET, name)


def cleanup_windows() -> int:
    """Delete the windows in the database that have ended. Returns their number."""
    return _execute(_CLEAN_UP)


def _name(key: str) -> str:
    return redis_key("limit", hashlib.sha256(key.encode()).hexdigest()[:32])


def _count_in_database(name: str, seconds: float) -> Window:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [name, seconds])
        counted, ends_in = cursor.fetchone()
    return Window(counted, float(ends_in))


def _execute(statement: LiteralString, *parameters: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)

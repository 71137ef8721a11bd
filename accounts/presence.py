"""Who is online: in Redis, by the processes that hold people's sockets.

A person's key is a sorted set of processes, each with the time until which its word counts. A process that dies
without a word is forgotten when that time has passed. While Redis is down nobody is online.
"""

import logging
import os
import secrets
import time
from collections.abc import Collection

from redis import Redis
from redis.commands.core import Script
from redis.exceptions import RedisError

from chat_project.core.cache import redis_client, redis_key

# Processes repeat themselves every 30 s; one repetition may get lost.
ONLINE_SECONDS = 75

logger = logging.getLogger(__name__)


def mark_online(user_ids: Collection[str]) -> list[str]:
    """Note that people have sockets in this process; return who had none anywhere before.

    To be noted again before ONLINE_SECONDS are over.
    """
    asked, now = list(user_ids), time.time()
    try:
        pipeline = redis_client().pipeline(transaction=False)
        for user_id in asked:
            pipeline.zcount(_key(user_id), now, "+inf")
            pipeline.zadd(_key(user_id), {_process(): now + ONLINE_SECONDS})
            pipeline.zremrangebyscore(_key(user_id), "-inf", now)
            pipeline.expire(_key(user_id), ONLINE_SECONDS)
        answers = pipeline.execute()
    except RedisError as error:
        logger.warning("presence could not be noted: %s", type(error).__name__)
        return []
    return [user_id for user_id, processes in zip(asked, answers[::4], strict=True) if not processes]


def mark_offline(user_ids: Collection[str]) -> list[str]:
    """Note that people have no more sockets in this process; return who has none anywhere."""
    asked, now = list(user_ids), time.time()
    try:
        pipeline = redis_client().pipeline(transaction=False)
        for user_id in asked:
            pipeline.zrem(_key(user_id), _process())
            pipeline.zcount(_key(user_id), now, "+inf")
        answers = pipeline.execute()
    except RedisError as error:
        logger.warning("presence could not be noted: %s", type(error).__name__)
        return asked
    return [user_id for user_id, processes in zip(asked, answers[1::2], strict=True) if not processes]


def online_ids(user_ids: Collection[str]) -> set[str]:
    """Return which of these people have sockets anywhere: one read, whatever their number."""
    asked = list(user_ids)
    if not asked:
        return set()
    now = time.time()
    try:
        counts = _count(keys=[_key(user_id) for user_id in asked], args=[now], client=redis_client())
    except RedisError as error:
        logger.warning("presence could not be read: %s", type(error).__name__)
        return set()
    return {user_id for user_id, processes in zip(asked, counts, strict=True) if processes}


def _key(user_id: str) -> str:
    return redis_key("online", user_id)


def _process() -> str:
    return f"{_token}:{os.getpid()}"


# With the process' id, since a forked child is a process of its own.
_token = secrets.token_hex(6)
# One command for all keys: redis-py takes longer over each command than Redis over each count.
_count = Script(
    Redis(),
    """
    local counts = {}
    for place, key in ipairs(KEYS) do counts[place] = redis.call('ZCOUNT', key, ARGV[1], '+inf') end
    return counts
    """,
)

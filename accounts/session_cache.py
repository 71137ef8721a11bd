"""Live sessions in Redis, so that a request costs one cached read and no query.

Only what is alive is kept, for a minute. Ending a session puts a tombstone over its entry before the call answers.
Readers store with "set if absent": one that read the row while it was still alive, and comes late, finds the
tombstone in its way.
"""

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

LIVE_SECONDS = 60
# Longer than any request that could still hold what it read before the session ended.
TOMBSTONE_SECONDS = 3600

_ENDED = {"ended": True}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that was alive when it was read. `browser_key` is the hash of a browser's session key."""

    session_id: str
    user_id: str
    auth_version: int
    expires_at: float
    browser_key: str | None


class SessionEndedError(Exception):
    """The cache knows that the session has ended."""


def find(session_id: str) -> LiveSession | None:
    """Return a session that is known to live; None where the database must be asked.

    Raises: SessionEndedError.
    """
    try:
        entry = cache.get(_key(session_id))
    except RedisError as error:
        logger.warning("sessions are read from the database: %s", type(error).__name__)
        return None
    if entry == _ENDED:
        raise SessionEndedError
    return None if entry is None else LiveSession(**entry)


def store(session: LiveSession) -> None:
    """Keep what was just read from the database, unless the session has ended since."""
    try:
        cache.add(_key(session.session_id), asdict(session), timeout=LIVE_SECONDS)
    except RedisError as error:
        logger.warning("a session could not be cached: %s", type(error).__name__)


def bury(session_ids: Iterable[str]) -> None:
    """Put tombstones over sessions whose end is committed.

    While Redis is down they can't be put; what it still holds when it comes back is gone within LIVE_SECONDS.
    """
    try:
        cache.set_many({_key(session_id): _ENDED for session_id in session_ids}, timeout=TOMBSTONE_SECONDS)
    except RedisError as error:
        logger.warning("ended sessions could not be marked in the cache: %s", type(error).__name__)


def _key(session_id: str) -> str:
    return f"session:{session_id}"

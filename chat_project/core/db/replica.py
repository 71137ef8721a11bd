"""Reading from a replica: what may be read there, when, and what happens where it can't.

The primary judges first: session, membership, blocks, privacy. Only what is read after that goes to the replica, where
REPLICA_URL names one, and only while three things hold: the person has written nothing for REPLICA_PIN_SECONDS, so that
everybody reads their own writes; the replica is not further behind than REPLICA_LAG_SECONDS; and, for a conversation's
content, the replica has the version of it that the primary has just told. Else, and where the replica fails in the
middle, the primary is read. Sign-in, tokens, rights and sync never ask it.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import MiddlewareNotUsed
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from chat_project.core import metrics

REPLICA = "replica"
# How often a process looks how far behind the replica is, and for how long it leaves one alone that failed.
LOOK_SECONDS = 1.0
REST_SECONDS = 5.0
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
_POSITION = "SELECT pg_current_wal_lsn()::text"
# On an idle primary the last transaction is old, and the replica not behind.
_BEHIND = """
    SELECT
        greatest(pg_wal_lsn_diff(%s::pg_lsn, pg_last_wal_replay_lsn()), 0)::bigint,
        CASE WHEN pg_last_wal_replay_lsn() >= %s::pg_lsn THEN 0
            ELSE coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0) END::float
    WHERE pg_is_in_recovery()
"""
_HAS_VERSION = "SELECT FROM conversations WHERE id = %s AND version >= %s"

logger = logging.getLogger(__name__)
_alias: ContextVar[str] = ContextVar("reading_alias", default=DEFAULT_DB_ALIAS)
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a replica is behind its primary."""

    behind_bytes: int
    behind_seconds: float


@dataclass(frozen=True, slots=True)
class Content:
    """A conversation's content, as the primary has just told its version."""

    conversation_id: str
    version: int


class Router:
    """Django's queries go where `connection_for_reading` goes; writes and migrations to the primary alone."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return _alias.get()

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


def connection_for_reading() -> BaseDatabaseWrapper:
    """Return the connection that reads of now go to."""
    return connections[_alias.get()]


def from_replica(read: Callable[[], _Read], *, viewer_id: str, content: Content | None = None) -> _Read:
    """Return what `read` returns, read from the replica where that may be, else from the primary.

    `read` is called again where the replica fails: it writes nothing.
    """
    if not settings.REPLICA_URL:
        return read()
    result, why = _tried(read, viewer_id, content)
    metrics.REPLICA_READS.labels(why).inc()
    return read() if result is None else result[0]


def _tried(read: Callable[[], _Read], viewer_id: str, content: Content | None) -> tuple[tuple[_Read] | None, str]:
    """Return what the replica gave, if anything, and how it went, in a word for the metrics."""
    if connection.in_atomic_block or _has_written(viewer_id):
        return None, "written"
    if not _watch.is_near():
        return None, "behind"
    try:
        with reading_from(REPLICA):
            if content is not None and not _has(content):
                return None, "behind"
            return (read(),), "replica"
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        logger.warning("the replica failed, and the primary is read: %s", type(error).__name__)
        _watch.leave_alone()
        return None, "failed"


@contextmanager
def reading_from(alias: str) -> Iterator[None]:
    """Have what is read in the block come from a database."""
    token = _alias.set(alias)
    try:
        yield
    finally:
        _alias.reset(token)


class WritesNotedMiddleware:
    """Notes who wrote something by HTTP, before they hear of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.REPLICA_URL:
            raise MiddlewareNotUsed
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        # Who calls by a token stands here too, once the view knows them.
        if request.method not in _SAFE_METHODS and isinstance(user_id := request.user.pk, str):
            note_write(user_id)
        return response


def note_write(user_id: str) -> None:
    """Have a person's reads stay with the primary for some seconds, in all processes."""
    if not settings.REPLICA_URL:
        return
    try:
        cache.set(_key(user_id), 1, timeout=settings.REPLICA_PIN_SECONDS)
    except RedisError as error:
        # Nobody can ask either, and all read from the primary.
        logger.warning("a write could not be noted: %s", type(error).__name__)


def measure_lag() -> Lag | None:
    """Return how far the replica is behind, by what both servers say; None where it is no replica.

    Raises DatabaseError, PoolTimeout.
    """
    with connection.cursor() as cursor:
        cursor.execute(_POSITION)
        [position] = cursor.fetchone()
    with connections[REPLICA].cursor() as cursor:
        cursor.execute(_BEHIND, [position, position])
        row = cursor.fetchone()
    return None if row is None else Lag(*row)


def _has_written(user_id: str) -> bool:
    try:
        return cache.get(_key(user_id)) is not None
    except RedisError:
        return True


def _has(content: Content) -> bool:
    with connections[REPLICA].cursor() as cursor:
        cursor.execute(_HAS_VERSION, [content.conversation_id, content.version])
        return cursor.fetchone() is not None


def _key(user_id: str) -> str:
    return f"written:{user_id}"


class _Watch:
    """What this process knows of the replica. One thread looks, and the others go by what was seen last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._near = False
        self._look_at = 0.0

    def is_near(self) -> bool:
        """Tell whether the replica answers, and is not too far behind."""
        if time.monotonic() >= self._look_at and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._near

    def leave_alone(self) -> None:
        """Ask the replica nothing for a while."""
        self._near, self._look_at = False, time.monotonic() + REST_SECONDS

    def _look(self) -> None:
        try:
            lag = measure_lag()
        except (DatabaseError, InterfaceError, PoolTimeout) as error:
            logger.warning("the replica does not answer: %s", type(error).__name__)
            self.leave_alone()
            return
        self._near = lag is not None and lag.behind_seconds <= settings.REPLICA_LAG_SECONDS
        self._look_at = time.monotonic() + LOOK_SECONDS


_watch = _Watch()

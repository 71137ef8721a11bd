"""Redis as a cache: how values stand there, and one pool of connections a process."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson
import redis
from django.conf import settings
from django.core.cache import cache, caches
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.functional import cached_property
from redis.exceptions import RedisError

from chat_project.core import metrics

# A value beyond this costs more to fetch than to make.
KEPT_MAX_BYTES = 256 * 1024

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A value that is JSON already."""

    data: bytes


class JsonSerializer:
    """The serializer of the cache: JSON, since nothing that is read back may run. Integers stay bare, for counting."""

    def dumps(self, value: Any) -> bytes | int:
        if type(value) is int:
            return value
        if type(value) is Encoded:
            return value.data
        return orjson.dumps(value)

    def loads(self, data: bytes) -> Any:
        return orjson.loads(data)


class _SharedClient(RedisCacheClient):
    """Django's client, which makes an object of redis-py's for each command: that costs more than the command."""

    _get_connection_pool_index: Callable[[bool], int]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._made: dict[int, redis.Redis] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> redis.Redis:
        index = self._get_connection_pool_index(write)
        if index not in self._made:
            self._made[index] = super().get_client(key, write=write)
        return self._made[index]

    def get(self, key: Any, default: Any) -> Any:
        found = super().get(key, default)
        (metrics.CACHE_MISSES if found is default else metrics.CACHE_HITS).inc()
        return found


class ProcessRedisCache(RedisCache):
    """Django's Redis cache over one pool of connections a process.

    Django keeps a cache object a thread and, under ASGI, a request; each with a pool, and so a connection, of its own.
    """

    _options: dict[str, Any]
    _servers: list[str]

    @cached_property
    def _cache(self) -> Any:
        key = (type(self), *self._servers)
        if key not in _clients:
            _clients[key] = _SharedClient(self._servers, **self._options)
        return _clients[key]

    def client(self) -> redis.Redis:
        """Return a client over the process' pool, for what Django's cache has no word for."""
        return cast(redis.Redis, self._cache.get_client(write=True))


def find(name: str) -> Any | None:
    """Return what is kept under a name; None where there is nothing, or Redis is down."""
    try:
        return cache.get(name)
    except RedisError as error:
        logger.warning("the cache is not read: %s", type(error).__name__)
        return None


def find_many(names: Collection[str]) -> Mapping[str, Any]:
    """Return what is kept under some names, in one round trip; see `find`."""
    try:
        found: Mapping[str, Any] = cache.get_many(names)
    except RedisError as error:
        logger.warning("the cache is not read: %s", type(error).__name__)
        return {}
    metrics.CACHE_HITS.inc(len(found))
    metrics.CACHE_MISSES.inc(len(names) - len(found))
    return found


def keep(name: str, value: Any, *, seconds: float) -> None:
    """Keep what can be made again; not where it is too large, or Redis is down."""
    keep_many({name: value}, seconds=seconds)


def keep_many(values: Mapping[str, Any], *, seconds: float) -> None:
    """Keep several values, in one round trip; see `keep`."""
    # Encoded here, to know how large they are: the cache's serializer leaves them as they are.
    encoded = {name: Encoded(orjson.dumps(value)) for name, value in values.items()}
    small = {name: value for name, value in encoded.items() if len(value.data) <= KEPT_MAX_BYTES}
    if not small:
        return
    try:
        cache.set_many(small, timeout=seconds)
    except RedisError as error:
        logger.warning("the cache is not written: %s", type(error).__name__)


def forget_all(prefix: str) -> None:
    """Drop all names that begin so. It walks through all keys: for rare calls."""
    try:
        client = redis_client()
        for key in client.scan_iter(cache.make_key(f"{prefix}*"), count=1000):
            client.delete(key)
    except RedisError as error:
        logger.warning("the cache is not emptied: %s", type(error).__name__)


def redis_client() -> redis.Redis:
    """Return a client of the cache's Redis, safe in any thread. Its keys come from `redis_key`."""
    return cast(ProcessRedisCache, caches["default"]).client()


def redis_key(*parts: str) -> str:
    """Return a key of this copy, apart from those of other copies in the same Redis."""
    return ":".join((settings.KEY_PREFIX, *parts))


_clients: dict[tuple[Any, ...], Any] = {}

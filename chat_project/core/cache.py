"""Redis as a cache: how values stand there, and one pool of connections a process."""

from collections.abc import Callable
from typing import Any, cast

import orjson
import redis
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.functional import cached_property

from chat_project.core import metrics


class JsonSerializer:
    """The serializer of the cache: JSON, since nothing that is read back may run. Integers stay bare, for counting."""

    def dumps(self, value: Any) -> bytes | int:
        if type(value) is int:
            return value
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


def redis_client() -> redis.Redis:
    """Return a client of the cache's Redis, safe in any thread. Its keys come from `redis_key`."""
    return cast(ProcessRedisCache, caches["default"]).client()


def redis_key(*parts: str) -> str:
    """Return a key of this copy, apart from those of other copies in the same Redis."""
    return ":".join((settings.KEY_PREFIX, *parts))


_clients: dict[tuple[Any, ...], Any] = {}

"""Whether the PostgreSQL and the Redis that the environment names answer, found out before anything rests on them."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from chat_project.embedded import ServerError

_SECONDS = 9
_OLDEST_POSTGRES = 15


def require_database(name: str, config: dict[str, Any]) -> None:
    """Connect once to a database that was configured from the variable `name`.

    Raises: ServerError within about ten seconds, in words without a password.
    """

    def connect() -> None:
        # Django's own reading of the configuration, without its pool: that would go on trying.
        options = {key: value for key, value in config.get("OPTIONS", {}).items() if key != "pool"}
        wrapper = connections["default"].copy()
        wrapper.settings_dict = {**wrapper.settings_dict, **config, "OPTIONS": {**options, "connect_timeout": _SECONDS}}
        with psycopg.connect(**wrapper.get_connection_params()) as connection:
            version = connection.info.server_version // 10_000
        if version < _OLDEST_POSTGRES:
            raise ServerError(f"{name} is PostgreSQL {version}: {_OLDEST_POSTGRES} or newer is needed")

    _within_seconds(name, connect, secret=str(config.get("PASSWORD") or ""))


def require_redis(name: str, url: str) -> None:
    """Ask a Redis for an answer.

    Raises: ServerError within about ten seconds, in words without a password.
    """

    def ping() -> None:
        with redis.Redis.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS) as client:
            client.ping()

    _within_seconds(name, ping, secret=urlsplit(url).password or "")


def _within_seconds(name: str, attempt: Callable[[], None], *, secret: str) -> None:
    """Make an attempt in a thread: the time-outs of the drivers do not count the look-up of a host's name."""
    failures: list[Exception] = []

    def run() -> None:
        try:
            attempt()
        except (psycopg.Error, redis.RedisError, ImproperlyConfigured, ServerError, OSError, ValueError) as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_SECONDS + 1)
    if thread.is_alive():
        raise ServerError(f"{name} does not answer within {_SECONDS + 1} seconds")
    if not failures:
        return
    if isinstance(failures[0], ServerError):
        raise failures[0]
    reason = (str(failures[0]).splitlines() or [type(failures[0]).__name__])[0]
    raise ServerError(f"{name} does not answer: {reason.replace(secret, '***') if secret else reason}")

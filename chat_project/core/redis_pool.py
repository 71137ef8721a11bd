"""Connections to a Redis that may hang: one caller at a time finds out, and the others need not wait for it."""

import threading
import time
from typing import Any

import redis

# After a wait in vain nothing is asked for so long; then one caller tries, while the others go on without.
REST_SECONDS = 1.0
# What takes so much of the time-out, and breaks off, was a wait in vain.
_NEARLY = 0.9


class PatientPool(redis.ConnectionPool):
    """redis-py's pool, which refuses connections at once while Redis hangs. One that is down refuses by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waits = (kwargs.get("socket_timeout"), kwargs.get("socket_connect_timeout"))
        self._patience = _NEARLY * min((wait for wait in waits if wait), default=float("inf"))
        self._state = threading.Lock()
        self._hangs = False
        self._rests_until = 0.0
        self._begun: dict[int, float] = {}

    def get_connection(self, *args: Any, **kwargs: Any) -> Any:
        """Return a connection. Raises redis.ConnectionError, at once where Redis hangs."""
        begun = time.monotonic()
        with self._state:
            if begun < self._rests_until:
                raise redis.ConnectionError("Redis hangs")
            if self._hangs:
                self._rests_until = begun + REST_SECONDS + self._patience
        try:
            connection = super().get_connection(*args, **kwargs)
        except redis.RedisError:
            self._note(answered=False, begun=begun)
            raise
        self._begun[id(connection)] = begun
        return connection

    def release(self, connection: Any) -> None:
        """Take a connection back, and note whether Redis answered on it."""
        begun = self._begun.pop(id(connection), None)
        if begun is not None:
            self._note(answered=connection.is_connected, begun=begun)
        super().release(connection)

    def _note(self, *, answered: bool, begun: float) -> None:
        now = time.monotonic()
        with self._state:
            if answered:
                self._hangs, self._rests_until = False, 0.0
            elif now - begun >= self._patience:
                self._hangs, self._rests_until = True, now + REST_SECONDS
            elif self._hangs:
                # It hangs no more, and is down: that is told at once.
                self._hangs, self._rests_until = False, 0.0

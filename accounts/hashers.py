"""How passwords are kept, and how many are hashed at a time."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection

from chat_project.core.errors import UnavailableError

# Each hash takes all of its memory at once, and four threads: so many at a time in a process, while others wait.
AT_A_TIME = min(8, max(2, (os.cpu_count() or 1) // 2))
# Who waits keeps a thread of the server's, and these must leave some to everybody else.
WAITING = 48
RETRY_SECONDS = 5


class ChatArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with three passes over ARGON2_MEMORY_KIB (64 MiB), four lanes wide.

    A password kept under other parameters is hashed anew when its owner signs in. Raises UnavailableError where more
    are waiting than can be served soon.
    """

    time_cost = 3
    parallelism = 4

    _places = threading.BoundedSemaphore(AT_A_TIME + WAITING)
    _turns = threading.BoundedSemaphore(AT_A_TIME)

    def params(self) -> Any:
        parameters = super().params()
        parameters.memory_cost = settings.ARGON2_MEMORY_KIB
        return parameters

    def encode(self, password: str, salt: str) -> str:
        with self._turn():
            return str(super().encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        with self._turn():
            return bool(super().verify(password, encoded))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise UnavailableError("Too many people sign in at once. Try again in a moment.", retry_after=RETRY_SECONDS)
        try:
            # Whoever waits here gives their database connection back first: sign-ins waiting must not empty the pool.
            # Not inside a transaction, whose connection it would close.
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            with self._turns:
                yield
        finally:
            self._places.release()

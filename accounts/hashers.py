"""How passwords are kept."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection


class ChatArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with three passes over ARGON2_MEMORY_KIB (64 MiB), four lanes wide.

    A password kept under other parameters is hashed anew when its owner signs in.
    """

    time_cost = 3
    parallelism = 4

    # Each hash takes all of its memory at once: a burst of sign-ins waits here instead of exhausting the machine.
    _turns = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))

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
        # Whoever waits here gives their database connection back first: sign-ins waiting must not empty the pool.
        # Not inside a transaction, whose connection it would close.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        with self._turns:
            yield

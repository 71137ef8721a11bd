"""How what is past its time goes: in short transactions, each with its audit row; safe to kill anywhere.

What has gone is not found again, so a run that was cut off is finished by the next one.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from chat_project.core import audit

logger = logging.getLogger(__name__)

Key = tuple[Any, ...]

FIRST_BATCH = 50
BATCH_MAX = 2000
# A batch is held to half of what it may take, since the next may be of heavier rows.
SECONDS_A_BATCH = 0.05
LOCK_TIMEOUT = "100ms"


@dataclass(frozen=True)
class Policy:
    """What goes, and when: a line of the table of policies.

    `find` returns the keys of rows from before a moment, after a key, in their order; it takes no locks. `purge` takes
    those rows away, in the caller's transaction, and returns how many there were.
    """

    name: str
    what: str
    setting: str
    find: Callable[[datetime, Key | None, int], Sequence[Key]]
    purge: Callable[[Sequence[Key]], int]

    @property
    def days(self) -> int:
        """How long it is kept; 0 is for ever."""
        return int(getattr(settings, self.setting))


@dataclass(frozen=True)
class Progress:
    """How far a policy's run has got."""

    rows: int
    skipped: int
    slowest_seconds: float


def count_due(policy: Policy) -> int:
    """Return how many rows a run would take away now; changes nothing and locks nothing."""
    count = 0
    after: Key | None = None
    before = _horizon(policy)
    while before and (keys := policy.find(before, after, BATCH_MAX)):
        count += len(keys)
        after = keys[-1]
    return count


def apply_policy(policy: Policy) -> Iterator[Progress]:
    """Take away what is past its time, and tell of the progress after each batch.

    A batch is a transaction that also writes the audit row. One that finds its rows locked is left to the next run.
    """
    rows = skipped = 0
    slowest = 0.0
    size = FIRST_BATCH
    after: Key | None = None
    before = _horizon(policy)
    while before and (keys := policy.find(before, after, size)):
        after = keys[-1]
        started = time.perf_counter()
        try:
            rows += _purge(policy, keys)
        except OperationalError as error:
            skipped += len(keys)
            logger.warning("retention: %s: a batch is left to the next run: %s", policy.name, type(error).__name__)
        seconds = time.perf_counter() - started
        slowest = max(slowest, seconds)
        size = next_size(size, seconds)
        yield Progress(rows, skipped, slowest)


def _horizon(policy: Policy) -> datetime | None:
    return timezone.now() - timedelta(days=policy.days) if policy.days > 0 else None


@transaction.atomic
def _purge(policy: Policy, keys: Sequence[Key]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
    rows = policy.purge(keys)
    if rows:
        audit.record(actor_id=None, action="retention.applied", policy=policy.name, rows=rows)
    return rows


def next_size(size: int, seconds: float) -> int:
    """Return how many rows the next batch takes, after one of a size took so long."""
    if seconds > SECONDS_A_BATCH:
        return max(1, int(size * SECONDS_A_BATCH / seconds / 2))
    return min(BATCH_MAX, size * 2) if seconds < SECONDS_A_BATCH / 4 else size

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from chat_project.demo.load import Seeded, seed_demo


@pytest.fixture(scope="module")
def now() -> datetime:
    """The moment of the seed: shortly after midnight, when all of today lies before it."""
    return datetime(2026, 3, 1, 0, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(django_db_setup: Any, django_db_blocker: Any, now: datetime) -> Iterator[Seeded]:
    """The demo, written once for the tests of a module, and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield seed_demo(now=now)
        transaction.set_rollback(True)

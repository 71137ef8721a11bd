from datetime import UTC, datetime

import pytest

from chat_project.demo.load import Seeded, seed_demo


@pytest.fixture
def now() -> datetime:
    """The moment of the seed: shortly after midnight, when all of today lies before it."""
    return datetime(2026, 3, 1, 0, 4, tzinfo=UTC)


@pytest.fixture
def demo(db: None, now: datetime) -> Seeded:
    """The demo, written."""
    return seed_demo(now=now)

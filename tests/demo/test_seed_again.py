from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.models import User
from chat_project.demo.load import seed_demo
from messaging.models import Message
from tests.factories import UserFactory


def stored_pictures() -> set[Path]:
    return set((settings.MEDIA_ROOT / "avatars").glob("*"))


def told(now: datetime) -> Iterator[tuple[Any, ...]]:
    """What a seed wrote, less what is drawn anew each time: ids, keys, hashes."""
    messages = Message.objects.order_by("conversation__created_at", "conversation__title", "created_at")
    for message in messages.select_related("sender"):
        assert message.sender
        age = now - message.created_at
        yield age, message.sender.username, message.content, message.seq, message.version, message.is_deleted


def test_the_demo_is_not_mixed_with_people_who_are_there(db: None) -> None:
    UserFactory()
    before = stored_pictures()
    with pytest.raises(CommandError):
        call_command("seed")
    assert User.objects.count() == 1
    assert stored_pictures() == before


def test_an_administrator_alone_is_no_obstacle_unless_named_as_one_of_the_cast(db: None) -> None:
    admin = UserFactory(username="alice", is_superuser=True)
    with pytest.raises(CommandError):
        call_command("seed")
    User.objects.filter(pk=admin.pk).update(username="admin")
    call_command("seed", verbosity=0)
    assert Message.objects.exists()


def test_a_seed_that_fails_leaves_neither_rows_nor_pictures(db: None) -> None:
    UserFactory(username="admin", email=f"erin@{settings.DEMO_EMAIL_DOMAIN}", is_superuser=True)
    before = stored_pictures()
    with pytest.raises(IntegrityError):
        seed_demo(now=datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert stored_pictures() == before


def test_the_same_day_is_told_the_same_way_each_time(db: None) -> None:
    days = [datetime(2026, 3, 1, 23, 59, tzinfo=UTC), datetime(2026, 3, 8, 23, 59, tzinfo=UTC)]
    stories = []
    for now in days:
        with transaction.atomic():
            seed_demo(now=now)
            stories.append(list(told(now)))
            transaction.set_rollback(True)
    assert stories[0] == stories[1]

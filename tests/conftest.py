"""What all tests share: a cast, a clean database, and a real server where a test wants one."""

from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import SyncToAsync
from django.core.cache import cache
from django.db import connection, connections
from django.test import TransactionTestCase

from accounts.models import User
from conversations.enums import ConversationType
from conversations.models import Conversation
from conversations.services import create_conversation
from tests.factories import UserFactory
from tests.server import LiveChat

# What everything else hangs on by foreign keys, and what hangs on nothing.
EMPTIED_TABLES = (
    "conversations",
    "users",
    "user_reports",
    "discarded_objects",
    "reserved_names",
    "limit_windows",
    "outgoing_mails",
    "django_session",
)


@pytest.fixture(autouse=True)
def _clean_redis() -> Iterator[None]:
    """Let no limit, session or presence pass from one test to the next."""
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _no_connection_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close what asgiref's thread opened, so that the database can be dropped."""
    yield
    if request.node.get_closest_marker("asyncio"):
        SyncToAsync.single_thread_executor.submit(connections.close_all).result(5)


def _flush(self: TransactionTestCase) -> None:
    """Empty the tables but for the audit log, which refuses to be: Django's own flush would fail on it.

    By DELETE, which cascades: to TRUNCATE a hundred small tables and partitions takes twenty times as long.
    """
    with connection.cursor() as cursor:
        for table in EMPTIED_TABLES:
            cursor.execute(f'DELETE FROM "{table}"')


TransactionTestCase._fixture_teardown = _flush  # type: ignore[method-assign]


@pytest.fixture
def owner(db: Any) -> User:
    """Who created the group."""
    return UserFactory(username="olga")


@pytest.fixture
def member(db: Any) -> User:
    """A member of the group without further rights."""
    return UserFactory(username="milan")


@pytest.fixture
def outsider(db: Any) -> User:
    """Somebody who is in no conversation."""
    return UserFactory(username="otto")


@pytest.fixture
def group(owner: User, member: User) -> Conversation:
    """A group of two."""
    conversation_id, _ = create_conversation(
        creator=owner, type=ConversationType.GROUP, title="Hikers", member_ids=[member.pk]
    )
    return Conversation.objects.get(pk=conversation_id)


@pytest.fixture(scope="session")
def _server(django_db_setup: Any, django_db_blocker: Any) -> Iterator[LiveChat]:
    with django_db_blocker.unblock():
        chat = LiveChat.started()
    yield chat
    chat.stop()


@pytest.fixture
def live_chat(transactional_db: Any, _server: LiveChat) -> LiveChat:
    """A real server on the test's database, in processes of its own and as the server's role."""
    _server.ensure_running()
    return _server

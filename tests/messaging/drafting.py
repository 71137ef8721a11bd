"""Drafts, messages and locks for tests of the timeline."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

from accounts.models import User
from conversations.models import Conversation
from messaging.drafts import Draft, Outgoing
from messaging.models import Message
from messaging.services import send_message

LOCK = "SELECT FROM conversations WHERE id = %s FOR NO KEY UPDATE"


def send(sender: User, conversation: Conversation, content: str = "hi", **fields: Any) -> tuple[dict[str, Any], bool]:
    """Send as REST does; return the message and whether it is new."""
    outgoing = Outgoing.checked(content=content, **fields)
    return send_message(sender=sender, conversation_id=conversation.pk, outgoing=outgoing)


def draft(sender: User, conversation: Conversation, content: str = "hi", **fields: Any) -> Draft:
    """Return a draft that was judged by the present members_version."""
    [made] = drafts(sender, conversation, 1, content, **fields)
    return made


def drafts(sender: User, conversation: Conversation, count: int, content: str = "hi", **fields: Any) -> list[Draft]:
    """Return many such drafts."""
    version = Conversation.objects.values_list("members_version", flat=True).get(pk=conversation.pk)
    values = {"conversation_id": conversation.pk, "sender_id": sender.pk, "members_version": version, **fields}
    return [Draft(content=content, **values) for _ in range(count)]


def timeline_of(conversation: Conversation) -> list[Message]:
    """Return all messages of a conversation, in their order."""
    return list(Message.objects.filter(conversation=conversation).order_by("seq"))


def conninfo() -> str:
    """Return where the test's database is."""
    parameters = connection.get_connection_params()
    known = {name: parameters[name] for name in ("host", "port", "dbname", "user", "password") if name in parameters}
    return psycopg.conninfo.make_conninfo(**known)


def another_connection() -> psycopg.Connection[Any]:
    """Return one more connection to the test's database."""
    return psycopg.connect(conninfo(), autocommit=True)


@contextmanager
def locked(*conversations: Conversation) -> Iterator[None]:
    """Hold the locks of conversations, as a service at work does, until the end of the block."""
    with another_connection() as other, other.transaction(force_rollback=True):
        for conversation in conversations:
            other.execute(LOCK, [conversation.pk])
        yield

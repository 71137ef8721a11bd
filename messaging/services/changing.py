"""Changing a message that stands: the lock under which it is judged, and how its members are told."""

from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import OperationalError, connection

from chat_project.core.errors import UnavailableError
from chat_project.core.realtime.publish import publish_on_commit
from conversations.errors import ConversationNotFoundError
from conversations.selectors.memberships import Membership, get_membership
from messaging import representations, timeline
from messaging.errors import MessageNotFoundError
from messaging.events import message_changed
from messaging.models import Message
from messaging.rows import messages_by_key
from messaging.selectors import Scope

# As the timeline's own statement waits.
_LOCK_TIMEOUT = "SELECT set_config('lock_timeout', '1s', true)"
_LOCK = "SELECT members_version FROM conversations WHERE id = %s FOR NO KEY UPDATE"


@dataclass(frozen=True, slots=True)
class LockedMessage:
    """A message that nobody else changes until the transaction ends, and its viewer's rights as they stand."""

    membership: Membership
    message: Message


def locked_message(*, viewer_id: str, conversation_id: str, message_id: str) -> LockedMessage:
    """Lock a conversation and one message of it for the caller's transaction, in this order; judge who sees it.

    What is judged by `membership` holds until the commit. Raises ConversationNotFoundError, MessageNotFoundError;
    UnavailableError where the lock is not to be had within a second.
    """
    membership = locked_membership(viewer_id=viewer_id, conversation_id=conversation_id)
    message = (
        Message.objects.select_for_update(of=("self",), no_key=True)
        .filter(conversation_id=conversation_id, id=message_id, seq__gte=membership.visible_from_seq)
        .first()
    )
    if message is None:
        raise MessageNotFoundError
    return LockedMessage(membership, message)


def locked_membership(*, viewer_id: str, conversation_id: str) -> Membership:
    """Lock a conversation for the caller's transaction; return the viewer's membership as it stands until the commit.

    Raises ConversationNotFoundError; UnavailableError where the lock is not to be had within a second.
    """
    # Before the lock: who is no member holds up nobody.
    membership = get_membership(viewer_id=viewer_id, conversation_id=conversation_id)
    if _lock(conversation_id) != membership.members_version:
        membership = get_membership(viewer_id=viewer_id, conversation_id=conversation_id)
    return membership


def announce_change(locked: LockedMessage, *, event: str = "message.updated") -> dict[str, Any]:
    """Draw one version for a change of a message, tell all members after the commit, and return the Message.

    The row is read anew, with what hangs on it: what the caller wrote stands in it.
    """
    membership, key = locked.membership, (locked.membership.conversation_id, locked.message.id)
    _, members_version = timeline.stamp_message(conversation_id=key[0], message_id=key[1])
    row = messages_by_key([key])[key]
    scope = Scope.of_membership(membership)
    publish_on_commit(message_changed(row, scope=scope, members_version=members_version, event=event))
    return representations.message(row, scope)


def standing_message(locked: LockedMessage) -> dict[str, Any]:
    """Return the Message as it stands: what a call that changes nothing answers."""
    key = (locked.membership.conversation_id, locked.message.id)
    return representations.message(messages_by_key([key])[key], Scope.of_membership(locked.membership))


def _lock(conversation_id: str) -> int:
    """Lock a conversation's row and return its members_version."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_TIMEOUT)
        try:
            cursor.execute(_LOCK, [conversation_id])
        except OperationalError as error:
            if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                raise UnavailableError("This conversation is busy. Try again in a moment.") from None
            raise
        row = cursor.fetchone()
    if row is None:
        raise ConversationNotFoundError
    return int(row[0])

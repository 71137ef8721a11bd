"""Deleting messages: what stood there becomes a tombstone, for all."""

from django.db import connection, transaction

from chat_project.core import audit
from chat_project.core.errors import NotAllowedError
from conversations.enums import Role
from messaging.enums import MessageType
from messaging.policies import moderates
from messaging.services.changing import LockedMessage, announce_change, locked_message
from messaging.services.mentions import Mentioned, drop_mentions, tell_counted

# The content stays in the row until retention purges it.
_BURY = """
    UPDATE messages SET
        is_deleted = true, deleted_at = clock_timestamp(), deleted_by_id = %s,
        pinned_at = NULL, pinned_by_id = NULL, search = NULL
    WHERE conversation_id = %s AND id = %s AND NOT is_deleted
    RETURNING seq
"""


@transaction.atomic
def delete_message(*, actor_id: str, conversation_id: str, message_id: str) -> None:
    """Make a message a tombstone and tell the members; one that is a tombstone stays as it is.

    Nothing is sent by it, so it is also done where the conversation is archived, and in a DM that a block parts.

    Raises: ConversationNotFoundError, MessageNotFoundError, UnavailableError; NotAllowedError for who did not write it
    and may not delete that person's messages.
    """
    locked = locked_message(viewer_id=actor_id, conversation_id=conversation_id, message_id=message_id)
    is_own = locked.message.sender_id == actor_id
    _require_may_delete(locked, is_own=is_own)
    mentioned = bury_message(conversation_id=conversation_id, message_id=message_id, deleted_by_id=actor_id)
    if mentioned is None:
        return
    if not is_own:
        audit.record(
            actor_id=actor_id, action="message.deleted", target=locked.message, sender_id=locked.message.sender_id
        )
    announce_change(locked, event="message.deleted")
    tell_counted(conversation_id, mentioned)


def bury_message(*, conversation_id: str, message_id: str, deleted_by_id: str | None) -> Mentioned | None:
    """Make a message a tombstone, under the conversation's lock, which the caller holds; None where it was one.

    Whom it named is forgotten and their counters with it. The caller judges, stamps and announces it, and tells them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BURY, [deleted_by_id, conversation_id, message_id])
        row = cursor.fetchone()
    if row is None:
        return None
    return drop_mentions(conversation_id=conversation_id, message_id=message_id, seq=row[0])


def _require_may_delete(locked: LockedMessage, *, is_own: bool) -> None:
    """Judge who deletes. What the system says of somebody's doing is a record, not that person's to take back."""
    if is_own and (locked.message.type != MessageType.SYSTEM or locked.membership.role == Role.OWNER):
        return
    if not moderates(locked.membership, sender_id=locked.message.sender_id):
        raise NotAllowedError

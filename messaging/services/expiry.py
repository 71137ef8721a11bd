"""Messages that expire: when their time has come they are tombstones."""

import time

from django.db import connection, transaction

from chat_project.core.realtime.publish import publish_on_commit
from conversations.models import Conversation
from messaging import timeline
from messaging.events import message_changed
from messaging.rows import messages_by_key
from messaging.selectors import Scope

# So many in one transaction: sends in that conversation wait for its end.
BATCH_MAX = 200
CONVERSATIONS_MAX = 100
# A run that is not through by then leaves the rest to the next.
SECONDS_MAX = 30.0

_DUE = """
    SELECT conversation_id FROM messages
    WHERE expires_at <= now() AND NOT is_deleted AND conversation_id <> ALL(%s)
    GROUP BY conversation_id ORDER BY min(expires_at) LIMIT %s
"""
# They expired when their time came, whenever that is noticed.
_EXPIRE = """
    WITH due AS (
        SELECT id FROM messages
        WHERE conversation_id = %(conversation)s AND expires_at <= now() AND NOT is_deleted
        ORDER BY seq LIMIT %(limit)s FOR NO KEY UPDATE
    ), expired AS (
        UPDATE messages SET
            is_deleted = true, deleted_at = messages.expires_at, pinned_at = NULL, pinned_by_id = NULL, search = NULL
        FROM due WHERE messages.conversation_id = %(conversation)s AND messages.id = due.id
        RETURNING messages.id, messages.seq
    )
    SELECT id FROM expired ORDER BY seq
"""
# Whoever reads at this moment is waited for: what is unread is counted after it.
_LOCK_MENTIONED = """
    SELECT FROM conversation_members
    WHERE conversation_id = %(conversation)s AND user_id IN (
        SELECT user_id FROM message_mentions
        WHERE conversation_id = %(conversation)s AND message_id = ANY(%(messages)s)
    )
    ORDER BY user_id FOR NO KEY UPDATE
"""
_FORGET_MENTIONS = """
    WITH removed AS (
        DELETE FROM message_mentions
        WHERE conversation_id = %(conversation)s AND message_id = ANY(%(messages)s)
        RETURNING user_id, message_id
    ), lost AS (
        SELECT removed.user_id, count(*) AS count
        FROM removed
        JOIN messages m ON m.conversation_id = %(conversation)s AND m.id = removed.message_id
        JOIN conversation_members r ON r.conversation_id = %(conversation)s AND r.user_id = removed.user_id
        WHERE m.seq > r.last_read_seq
        GROUP BY removed.user_id
    )
    UPDATE conversation_members p SET unread_mention_count = greatest(0, p.unread_mention_count - lost.count)
    FROM lost
    WHERE p.conversation_id = %(conversation)s AND p.user_id = lost.user_id
"""


def expire_messages(*, seconds: float = SECONDS_MAX) -> int:
    """Make tombstones of messages whose time has come, and tell the members. Return how many.

    Each batch is a transaction. A conversation that is locked is left to the next run.
    """
    ends_at = time.monotonic() + seconds
    count = 0
    passed: list[str] = []
    while conversation_ids := _due(passed):
        for conversation_id in conversation_ids:
            expired = _expire_batch(conversation_id)
            count += expired
            if expired < BATCH_MAX:
                passed.append(conversation_id)
            if time.monotonic() > ends_at:
                return count
    return count


def _due(passed: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [passed, CONVERSATIONS_MAX])
        return [conversation_id for (conversation_id,) in cursor.fetchall()]


@transaction.atomic
def _expire_batch(conversation_id: str) -> int:
    locked = Conversation.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    conversation = locked.filter(pk=conversation_id).first()
    if conversation is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE, {"conversation": conversation_id, "limit": BATCH_MAX})
        message_ids = [message_id for (message_id,) in cursor.fetchall()]
        if not message_ids:
            return 0
        for statement in (_LOCK_MENTIONED, _FORGET_MENTIONS):
            cursor.execute(statement, {"conversation": conversation_id, "messages": message_ids})
    members_version = timeline.stamp_messages(conversation_id=conversation_id, message_ids=message_ids)
    _tell(conversation, message_ids, members_version)
    return len(message_ids)


def _tell(conversation: Conversation, message_ids: list[str], members_version: int) -> None:
    scope = Scope.of(type=conversation.type, member_count=conversation.member_count, visible_from_seq=1)
    rows = messages_by_key((conversation.pk, message_id) for message_id in message_ids)
    publish_on_commit(
        *(
            message_changed(row, scope=scope, members_version=members_version, event="message.deleted")
            for row in sorted(rows.values(), key=lambda row: row.version)
        )
    )

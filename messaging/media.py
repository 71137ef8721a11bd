"""A conversation's shared media: its messages with files that the viewer sees, newest first."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, LiteralString

from accounts.models import User
from chat_project.core.api.pagination import DEFAULT_LIMIT, read_cursor, write_cursor
from chat_project.core.db.replica import Content, connection_for_reading, from_replica
from chat_project.core.errors import InvalidError
from conversations.selectors.memberships import get_membership
from messaging.drafts import MEDIA_TYPES
from messaging.rows import MessageRow, messages_by_key
from messaging.selectors import Scope

CURSOR_KIND = "media"
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
_BEYOND_SEQS = 2**63 - 1
# A walk along messages_media_idx for each type, whose types are named as the index names them. By seq, a conversation
# of much talk and few pictures would be read whole.
_KEYS: LiteralString = """
    SELECT m.conversation_id, m.id
    FROM unnest(%(types)s::message_type[]) AS kind (type)
    CROSS JOIN LATERAL (
        SELECT conversation_id, id, seq, created_at FROM messages
        WHERE conversation_id = %(conversation)s AND type = kind.type
            AND type IN ('IMAGE', 'VIDEO', 'AUDIO', 'FILE')
            AND seq >= %(visible)s AND NOT is_deleted AND (expires_at > now()) IS NOT FALSE
            AND (created_at, seq) < (%(before)s::timestamptz, %(before_seq)s)
        ORDER BY created_at DESC, seq DESC LIMIT %(limit)s
    ) AS m
    ORDER BY m.created_at DESC, m.seq DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class MediaPage:
    """A page of shared media, with a cursor for going on."""

    results: list[MessageRow]
    next: str | None
    scope: Scope


def list_media(
    *,
    viewer: User,
    conversation_id: str,
    type: str | None = None,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> MediaPage:
    """Return messages with files, of one type or of any; a cursor carries its type.

    Raises ConversationNotFoundError, InvalidError.
    """
    membership = get_membership(viewer_id=viewer.pk, conversation_id=conversation_id)
    position: dict[str, Any] = {"type": type, "before": _END_OF_TIME, "before_seq": _BEYOND_SEQS}
    if cursor is not None:
        position = read_cursor(cursor, kind=CURSOR_KIND, viewer_id=viewer.pk, scope=conversation_id)
    elif type is not None and type not in MEDIA_TYPES:
        raise InvalidError.of("type", f"Give one of {', '.join(MEDIA_TYPES)}.")
    types = [str(each) for each in MEDIA_TYPES] if position["type"] is None else [position["type"]]
    params = {
        **position,
        "types": types,
        "conversation": conversation_id,
        "visible": membership.visible_from_seq,
        "limit": limit + 1,
    }
    found, rows = from_replica(
        partial(_read, params, limit),
        viewer_id=viewer.pk,
        content=Content(conversation_id, membership.version),
    )
    results = sorted(rows.values(), key=lambda row: (row.created_at, row.seq), reverse=True)
    following = None
    if found > limit:
        last = results[-1]
        following = write_cursor(
            kind=CURSOR_KIND,
            viewer_id=viewer.pk,
            scope=conversation_id,
            position={"type": position["type"], "before": last.created_at, "before_seq": last.seq},
        )
    return MediaPage(results, following, Scope.of_membership(membership))


def _read(params: dict[str, Any], limit: int) -> tuple[int, dict[tuple[str, str], MessageRow]]:
    """Return how many there are, up to one more than the page, and the page's messages."""
    with connection_for_reading().cursor() as cursor:
        cursor.execute(_KEYS, params)
        found = cursor.fetchall()
    return len(found), messages_by_key([(key[0], key[1]) for key in found[:limit]])

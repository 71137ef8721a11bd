"""The one place that draws a conversation's `seq` and `version`.

`append_messages` (migration 0003) is one statement over any number of drafts: it locks their conversations in the
order of their keys, judges what only holds under the lock, and inserts. Services append in their transaction; the
process' writer appends what sockets send, many at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any, LiteralString, NoReturn

import orjson
import psycopg
from django.db import connection

from chat_project.core.errors import NotAllowedError, UnavailableError
from conversations.errors import ConversationNotFoundError
from messaging.drafts import Draft
from messaging.errors import MessageNotFoundError, ReplyTargetInvalidError, SlowModeError, StrangerLimitError

_APPEND: LiteralString = "SELECT json_agg(appended)::text FROM append_messages(%s::jsonb, %s) AS appended"
# The same for libpq itself.
APPEND = _APPEND.replace("%s", "$1", 1).replace("%s", "$2")
_TOUCH = """
    UPDATE conversations SET version = version + 1, members_version = members_version + %s
    WHERE id = %s RETURNING version, members_version
"""
_STAMP = "UPDATE messages SET version = %s WHERE conversation_id = %s AND id = %s"

# Versions in the order of the ids, up to the conversation's new one.
_STAMP_ALL = """
    WITH drawn AS (
        UPDATE conversations SET version = version + %(count)s WHERE id = %(conversation)s
        RETURNING version, members_version
    ), stamped AS (
        UPDATE messages SET version = drawn.version - %(count)s + listed.place
        FROM drawn, unnest(%(messages)s::text[]) WITH ORDINALITY AS listed (id, place)
        WHERE messages.conversation_id = %(conversation)s AND messages.id = listed.id
    )
    SELECT members_version FROM drawn
"""


class Outcome(StrEnum):
    """What became of a draft."""

    APPENDED = "appended"
    REPEATED = "repeated"
    BUSY = "busy"
    MISSING = "missing"
    NOT_MEMBER = "not_member"
    STALE = "stale"
    SLOW_MODE = "slow_mode"
    STRANGER_LIMIT = "stranger_limit"
    REPLY_INVALID = "reply_invalid"


@dataclass(frozen=True, slots=True)
class Appended:
    """What the statement says of one draft.

    `message_id` is that of the first message where the draft repeats it; what follows it is set for APPENDED alone.
    """

    draft: Draft
    outcome: Outcome
    message_id: str | None
    seq: int
    version: int
    members_version: int
    created_at: datetime
    expires_at: datetime | None
    retry_after: float | None
    reply: dict[str, Any] | None

    @property
    def is_final(self) -> bool:
        """Whether the draft stands in its timeline, now or since before."""
        return self.outcome in (Outcome.APPENDED, Outcome.REPEATED)


def append(drafts: Sequence[Draft]) -> list[Appended]:
    """Append drafts in the caller's transaction, in one statement; wait at most a second for each lock.

    Raises UnavailableError where a lock was not to be had.
    """
    with connection.cursor() as cursor:
        try:
            cursor.execute(_APPEND, [encoded(drafts), True])
        except Exception as error:
            if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                raise UnavailableError("This conversation is busy. Try again in a moment.") from None
            raise
        [answer] = cursor.fetchone()
        return decoded(drafts, answer)


def draw_version(*, conversation_id: str, members_changed: bool = False) -> tuple[int, int]:
    """Draw one version for a change of a conversation, under its lock; return it and members_version.

    `members_changed` says that rights changed with it, and raises members_version too.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOUCH, [int(members_changed), conversation_id])
        row = cursor.fetchone()
    if row is None:
        raise ConversationNotFoundError
    return row[0], row[1]


def stamp_message(*, conversation_id: str, message_id: str) -> tuple[int, int]:
    """Draw one version for a change of a message, in the caller's transaction; return it and members_version.

    The conversation's lock is taken where the caller does not hold it. Raises ConversationNotFoundError,
    MessageNotFoundError.
    """
    version, members_version = draw_version(conversation_id=conversation_id)
    with connection.cursor() as cursor:
        cursor.execute(_STAMP, [version, conversation_id, message_id])
        if cursor.rowcount != 1:
            raise MessageNotFoundError
    return version, members_version


def stamp_messages(*, conversation_id: str, message_ids: Sequence[str]) -> int:
    """Draw a version for each of several changed messages, in their order, under the conversation's lock.

    The caller holds that lock. Return members_version. Raises ConversationNotFoundError.
    """
    key: dict[str, Any] = {
        "conversation": conversation_id,
        "messages": list(message_ids),
        "count": len(message_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_STAMP_ALL, key)
        row = cursor.fetchone()
    if row is None:
        raise ConversationNotFoundError
    return int(row[0])


def refuse(appended: Appended) -> NoReturn:
    """Raise the error that says why a draft was not appended."""
    match appended.outcome:
        case Outcome.MISSING | Outcome.NOT_MEMBER:
            raise ConversationNotFoundError
        case Outcome.SLOW_MODE:
            raise SlowModeError(retry_after=appended.retry_after)
        case Outcome.STRANGER_LIMIT:
            raise StrangerLimitError
        case Outcome.REPLY_INVALID:
            raise ReplyTargetInvalidError
        case Outcome.BUSY | Outcome.STALE:
            raise UnavailableError("This conversation is busy. Try again in a moment.")
        case _:
            raise NotAllowedError


def encoded(drafts: Sequence[Draft]) -> str:
    """Return the drafts as the statement takes them."""
    return orjson.dumps([draft.row() for draft in drafts]).decode()


def decoded(drafts: Sequence[Draft], answer: str) -> list[Appended]:
    """Return the statement's answer in the order of the drafts: it goes by conversation."""
    rows = sorted(orjson.loads(answer), key=itemgetter("draft_no"))
    return [_appended(draft, row) for draft, row in zip(drafts, rows, strict=True)]


def _appended(draft: Draft, row: Mapping[str, Any]) -> Appended:
    return Appended(
        draft=draft,
        outcome=Outcome(row["outcome"]),
        message_id=row["message_id"],
        seq=row["message_seq"],
        version=row["message_version"],
        members_version=row["current_members_version"],
        created_at=_time(row["message_created_at"]),
        expires_at=_time(row["message_expires_at"]),
        retry_after=row["retry_after"],
        reply=row["reply"],
    )


def _time(text: str | None) -> Any:
    return None if text is None else datetime.fromisoformat(text)

"""Reads of messages: each a fixed number of statements, each only what the viewer may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, LiteralString

from django.db import connection

from accounts.models import User
from chat_project.core.api.pagination import DEFAULT_LIMIT, read_cursor, write_cursor
from chat_project.core.db.cuid import is_cuid
from chat_project.core.db.replica import Content, from_replica
from chat_project.core.errors import InvalidError
from conversations.enums import ConversationType
from conversations.selectors.memberships import Membership, get_membership
from messaging.archived import archived_to
from messaging.enums import MessageType
from messaging.errors import MessageNotFoundError
from messaging.recent import KEPT, recent_messages
from messaging.rows import REACTORS_MAX, MessageRow, messages_where

# How many people a reaction names in conversations of more members than are named completely.
REACTORS_SHOWN = 5
CURSOR_KIND = "messages"
# Where a history begins that is opened at its end.
_NEWEST: Mapping[str, Any] = {"seq": None, "older": True, "type": None, "pinned": False}
_SEQ = "SELECT seq FROM messages WHERE conversation_id = %s AND id = %s AND seq >= %s"


@dataclass(frozen=True, slots=True)
class Scope:
    """How much of a conversation's messages a member sees."""

    visible_from_seq: int
    reactors_shown: int

    @classmethod
    def of(cls, *, type: str, member_count: int, visible_from_seq: int) -> "Scope":
        """Return the scope of a member."""
        if type == ConversationType.CHANNEL:
            return cls(visible_from_seq, 0)
        return cls(visible_from_seq, REACTORS_MAX if member_count <= REACTORS_MAX else REACTORS_SHOWN)

    @classmethod
    def of_membership(cls, membership: Membership) -> "Scope":
        """Return the scope of a member."""
        return cls.of(
            type=membership.type,
            member_count=membership.member_count,
            visible_from_seq=membership.visible_from_seq,
        )


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of history, with cursors for going on.

    `archived_to_seq` is set where messages are missing between those of the page, or before its first one: up to there
    they are archived, those aside that are listed.
    """

    results: list[MessageRow]
    next: str | None
    previous: str | None
    scope: Scope
    archived_to_seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """From where, which way, and what of a history; a cursor carries it on."""

    before: str | None = None
    after: str | None = None
    around: str | None = None
    type: str | None = None
    pinned: bool = False

    def checked(self) -> "HistoryQuery":
        """Return the query. Raises InvalidError, which names the parameter."""
        pivots = {"before": self.before, "after": self.after, "around": self.around}
        given = {name: value for name, value in pivots.items() if value is not None}
        if len(given) > 1:
            raise InvalidError.of(max(given), "Give one of before, after and around.")
        for name, value in given.items():
            if not is_cuid(value):
                raise InvalidError.of(name, "Give the id of a message.")
        if self.type is not None and self.type not in MessageType.values:
            raise InvalidError.of("type", f"Give one of {', '.join(MessageType.values)}.")
        return self


def get_message(*, viewer_id: str, conversation_id: str, message_id: str) -> tuple[MessageRow, Scope]:
    """Return one message and how the viewer sees it. Raises ConversationNotFoundError, MessageNotFoundError."""
    membership = get_membership(viewer_id=viewer_id, conversation_id=conversation_id)
    rows = messages_where(
        "m.conversation_id = %s AND m.id = %s AND m.seq >= %s",
        [conversation_id, message_id, membership.visible_from_seq],
    )
    if not rows:
        raise MessageNotFoundError
    return rows[0], Scope.of_membership(membership)


def require_message(*, viewer_id: str, conversation_id: str, message_id: str) -> None:
    """Raise ConversationNotFoundError, MessageNotFoundError for what the viewer may not know of.

    Asked before a body is looked at.
    """
    membership = get_membership(viewer_id=viewer_id, conversation_id=conversation_id)
    _seq_of(conversation_id, message_id, Scope.of_membership(membership))


def list_messages(
    *,
    viewer: User,
    conversation_id: str,
    query: HistoryQuery | None = None,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> MessagePage:
    """Return a page of history, newest first; oldest first where `after` is asked.

    `around` gives half of the page to each side of its message, newest first, with `next` going older and
    `previous` newer. Raises ConversationNotFoundError, MessageNotFoundError for an unknown pivot, InvalidError.
    """
    membership = get_membership(viewer_id=viewer.pk, conversation_id=conversation_id)
    scope = Scope.of_membership(membership)
    history = _History(conversation_id, viewer.pk, scope, membership.version)
    if cursor is not None:
        position = read_cursor(cursor, kind=CURSOR_KIND, viewer_id=viewer.pk, scope=conversation_id)
        return history.page(position, limit)
    query = (query or HistoryQuery()).checked()
    filters = {"type": query.type, "pinned": query.pinned}
    if query.around is not None:
        return history.page_around(_seq_of(conversation_id, query.around, scope), filters, limit)
    pivot_id = query.before or query.after
    seq = None if pivot_id is None else _seq_of(conversation_id, pivot_id, scope)
    return history.page({"seq": seq, "older": query.after is None, **filters}, limit)


@dataclass(frozen=True, slots=True)
class _History:
    """A conversation's messages as one member reads them, by `seq`, which orders them as time does."""

    conversation_id: str
    viewer_id: str
    scope: Scope
    version: int

    def page(self, position: Mapping[str, Any], limit: int) -> MessagePage:
        """Return the page from a position on."""
        rows = self._rows(position, limit + 1)
        archived = self._archived_to(position, rows, is_end=len(rows) <= limit)
        following = None
        if len(rows) > limit:
            rows = rows[:limit]
            following = write_cursor(
                kind=CURSOR_KIND,
                viewer_id=self.viewer_id,
                scope=self.conversation_id,
                # A page of nothing goes on from where it began.
                position={**position, "seq": rows[-1].seq if rows else position["seq"]},
            )
        return MessagePage(rows, following, None, self.scope, archived)

    def page_around(self, pivot: int, filters: Mapping[str, Any], limit: int) -> MessagePage:
        """Return half a page to each side of a message, newest first."""
        newer_limit = limit // 2
        older = self.page({"seq": pivot + 1, "older": True, **filters}, limit - newer_limit)
        newer = self.page({"seq": pivot, "older": False, **filters}, newer_limit)
        results = [*reversed(newer.results), *older.results]
        archived = older.archived_to_seq or newer.archived_to_seq
        return MessagePage(results, older.next, newer.next, self.scope, archived)

    def _archived_to(self, position: Mapping[str, Any], rows: Sequence[MessageRow], *, is_end: bool) -> int | None:
        """Return up to where is archived, if the page has a gap: numbers have none by themselves."""
        if position["pinned"]:
            return None
        places = [] if position["seq"] is None else [position["seq"]]
        places += [row.seq for row in rows]
        if position["older"] and is_end:
            places.append(self.scope.visible_from_seq - 1)
        if all(abs(one - other) == 1 for one, other in pairwise(places)):
            return None
        seq = archived_to(conversation_id=self.conversation_id)
        return seq if seq >= self.scope.visible_from_seq else None

    def _rows(self, position: Mapping[str, Any], limit: int) -> list[MessageRow]:
        if limit <= KEPT and position == _NEWEST:
            rows = recent_messages(conversation_id=self.conversation_id, version=self.version)
            return [row for row in rows[:limit] if row.seq >= self.scope.visible_from_seq]
        conditions: list[LiteralString] = ["m.conversation_id = %s AND m.seq >= %s"]
        params: list[Any] = [self.conversation_id, self.scope.visible_from_seq]
        if position["seq"] is not None:
            conditions.append("AND m.seq < %s" if position["older"] else "AND m.seq > %s")
            params.append(position["seq"])
        if position["type"] is not None:
            conditions.append("AND m.type = %s")
            params.append(position["type"])
        if position["pinned"]:
            conditions.append("AND m.pinned_at IS NOT NULL")
        conditions.append("ORDER BY m.seq DESC LIMIT %s" if position["older"] else "ORDER BY m.seq LIMIT %s")
        return from_replica(
            partial(messages_where, " ".join(conditions), [*params, limit]),
            viewer_id=self.viewer_id,
            content=Content(self.conversation_id, self.version),
        )


def _seq_of(conversation_id: str, message_id: str, scope: Scope) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SEQ, [conversation_id, message_id, scope.visible_from_seq])
        row = cursor.fetchone()
    if row is None:
        raise MessageNotFoundError
    return int(row[0])

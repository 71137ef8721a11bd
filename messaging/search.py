"""Where the messages are that a person searches for: keys, newest first. They are read, and rights judged anew, after.

The index of words knows no conversations, and a common word stands in a third of all messages. So it is asked for
rare words alone, and gives up after RARE_MAX messages. What is not rare is met soon on a walk back through the
person's own conversations: blocks of their newest messages, always of those conversations that reach least far back,
until a page is full of what is newer than all that was not looked at.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, LiteralString

from django.db import connection

from chat_project.core.db.replica import connection_for_reading
from messaging.rows import MessageRow, messages_by_key
from messaging.search_query import SearchQuery
from messaging.selectors import Scope

# More matches than the index may be asked for.
RARE_MAX = 4_000
# How many messages a walk looks at before a page is given that is not full.
WALK_MAX = 30_000
_CONVERSATIONS_A_ROUND = 32
_FIRST_DEPTH = 16
_DEPTH_MAX = 256
# Above all ids.
_BEYOND_IDS = "~"
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)

_MINE: LiteralString = """
    SELECT m.conversation_id, m.visible_from_seq, c.last_seq, c.last_message_at
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = %(viewer)s AND m.is_active AND c.last_seq >= m.visible_from_seq
        AND (%(conversation)s::text IS NULL OR c.id = %(conversation)s)
        AND (%(since)s::timestamptz IS NULL OR c.last_message_at >= %(since)s)
"""
# What is asked of a message beside its conversation.
_WANTED: LiteralString = """
    search @@ %(query)s::tsquery AND NOT is_deleted AND (expires_at > now()) IS NOT FALSE
    AND (created_at, id) < (%(before)s::timestamptz, %(before_id)s)
    AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR created_at < %(until)s)
    AND (%(sender)s::text IS NULL OR sender_id = %(sender)s)
    AND (%(type)s::text IS NULL OR type = %(type)s::message_type)
"""
_RARE: LiteralString = """
    WITH found AS MATERIALIZED (
        SELECT conversation_id, id, seq, created_at FROM messages
        WHERE (%(conversation)s::text IS NULL OR conversation_id = %(conversation)s) AND WANTED
        LIMIT %(most)s + 1
    )
    SELECT counted.number, hit.conversation_id, hit.id, hit.created_at
    FROM (SELECT count(*) AS number FROM found) AS counted
    LEFT JOIN LATERAL (
        SELECT found.conversation_id, found.id, found.created_at
        FROM found JOIN unnest(%(mine)s::text[], %(visible)s::bigint[]) AS mine (conversation_id, visible_from_seq)
            ON mine.conversation_id = found.conversation_id AND found.seq >= mine.visible_from_seq
        ORDER BY found.created_at DESC, found.id DESC LIMIT %(limit)s
    ) AS hit ON true
""".replace("WANTED", _WANTED)
# By bitmaps alone: a walk along another index would read all messages where the statistics mislead it.
_BITMAPS: LiteralString = """
    SELECT set_config('enable_seqscan', %s, true), set_config('enable_indexscan', %s, true)
"""
_BLOCKS: LiteralString = """
    SELECT
        block.conversation_id, count(*), min(m.seq), min(m.created_at),
        array_agg(m.id ORDER BY m.seq DESC) FILTER (WHERE m.is_wanted),
        array_agg(m.created_at ORDER BY m.seq DESC) FILTER (WHERE m.is_wanted)
    FROM unnest(%(ids)s::text[], %(visible)s::bigint[], %(below)s::bigint[])
        AS block (conversation_id, visible_from_seq, below_seq)
    CROSS JOIN LATERAL (
        SELECT id, seq, created_at, (WANTED) AS is_wanted FROM messages
        WHERE conversation_id = block.conversation_id
            AND seq >= block.visible_from_seq AND seq < block.below_seq
        ORDER BY seq DESC LIMIT %(depth)s
    ) AS m
    GROUP BY block.conversation_id
""".replace("WANTED", _WANTED)
# Where a walk begins that goes on from a page: the first message in each conversation that is not newer.
_BEGINNINGS: LiteralString = """
    SELECT mine.conversation_id, newest.seq, newest.created_at
    FROM unnest(%s::text[]) AS mine (conversation_id)
    CROSS JOIN LATERAL (
        SELECT seq, created_at FROM messages
        WHERE conversation_id = mine.conversation_id AND created_at <= %s
        ORDER BY created_at DESC LIMIT 1
    ) AS newest
"""
_SCOPES: LiteralString = """
    SELECT m.conversation_id, c.type::text, c.member_count, m.visible_from_seq
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = %s AND m.is_active AND m.conversation_id = ANY(%s)
"""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which messages are wanted beside the words: ids, a type, and times from `since` on and before `until`."""

    conversation_id: str | None = None
    sender_id: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the results: what comes after it is older."""

    created_at: datetime
    id: str = _BEYOND_IDS


@dataclass(frozen=True, slots=True)
class Found:
    """The keys of a page, and the place from which to go on, if there may be more.

    `is_common` says that there are more matches than the index of words is asked for.
    """

    keys: list[Key]
    next: Place | None
    is_common: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found, as the viewer sees it."""

    row: MessageRow
    scope: Scope


def find_messages(
    *,
    viewer_id: str,
    query: SearchQuery,
    filters: Filters,
    limit: int,
    after: Place | None = None,
    is_common: bool = False,
) -> Found:
    """Return the keys of a page of what the viewer may see and searches for. Wants a transaction of its own.

    A page may be short of its limit though more follow, where the matches are far apart. `is_common` is what was found
    a while ago: it spares the question, and changes no answer.
    """
    search = _Search(viewer_id, query, filters, limit, after or Place(_END_OF_TIME))
    mine = search.conversations()
    if not mine:
        return Found([], None)
    found = None if is_common else search.rare(mine)
    return found or replace(search.walked(mine), is_common=True)


def read_hits(*, viewer_id: str, keys: Sequence[Key]) -> list[Hit]:
    """Return those messages of some keys that the viewer may see now, in their order. Two statements."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SCOPES, [viewer_id, list({conversation_id for conversation_id, _ in keys})])
        scopes = {
            row[0]: Scope.of(type=row[1], member_count=row[2], visible_from_seq=row[3]) for row in cursor.fetchall()
        }
    rows = messages_by_key(key for key in keys if key[0] in scopes)
    seen = ((row, scopes[row.conversation_id]) for key in keys if (row := rows.get(key)) is not None)
    return [
        Hit(row, scope)
        for row, scope in seen
        if row.seq >= scope.visible_from_seq and not row.is_deleted and row.encryption is None
    ]


@dataclass(slots=True)
class _Walked:
    """How far a walk has come in one conversation: all from `below_seq` on was looked at, and is newer than `at`."""

    conversation_id: str
    visible_from_seq: int
    below_seq: int
    at: datetime


class _Search:
    def __init__(self, viewer_id: str, query: SearchQuery, filters: Filters, limit: int, after: Place) -> None:
        self._filters = filters
        self._limit = limit
        self._after = after
        self._params: Mapping[str, Any] = {
            "viewer": viewer_id,
            "query": query.tsquery(),
            "conversation": filters.conversation_id,
            "sender": filters.sender_id,
            "type": filters.type,
            "since": filters.since,
            "until": filters.until,
            "before": after.created_at,
            "before_id": after.id,
        }

    def conversations(self) -> list[_Walked]:
        """Return where to search: each from its newest message on."""
        return [_Walked(row[0], row[1], row[2] + 1, row[3]) for row in _rows(_MINE, self._params)]

    def rare(self, mine: Sequence[_Walked]) -> Found | None:
        """Return the page by the index of words; None where there are more matches than it is asked for."""
        _rows(_BITMAPS, ["off", "off"])
        rows = _rows(
            _RARE,
            {
                **self._params,
                "most": RARE_MAX,
                "limit": self._limit + 1,
                "mine": [each.conversation_id for each in mine],
                "visible": [each.visible_from_seq for each in mine],
            },
        )
        _rows(_BITMAPS, ["on", "on"])
        if rows[0][0] > RARE_MAX:
            return None
        return self._page([(row[3], row[2], row[1]) for row in rows if row[1] is not None])

    def walked(self, mine: Sequence[_Walked]) -> Found:
        """Return the page by a walk from the newest messages on."""
        ahead = {each.conversation_id: each for each in self._begun(mine)}
        found: list[tuple[datetime, str, str]] = []
        seen, depth = 0, _FIRST_DEPTH
        while ahead:
            front = sorted(ahead.values(), key=lambda each: each.at, reverse=True)
            whole = [hit for hit in found if hit[0] > front[0].at]
            if len(whole) > self._limit:
                return self._page(whole)
            if seen > WALK_MAX:
                return self._page(whole, rest=front[0].at)
            for conversation_id, number, seq, at, ids, times in self._blocks(front[:_CONVERSATIONS_A_ROUND], depth):
                seen += number
                found.extend(zip(times or (), ids or (), itertools.repeat(conversation_id)))
                ahead[conversation_id].below_seq, ahead[conversation_id].at = seq, at
                if number < depth or self._is_past(at):
                    del ahead[conversation_id]
            depth = min(2 * depth, _DEPTH_MAX)
        return self._page(found)

    def _begun(self, mine: Sequence[_Walked]) -> Iterable[_Walked]:
        until = self._filters.until
        start = self._after.created_at if until is None else min(until, self._after.created_at)
        if start == _END_OF_TIME:
            return mine
        known = {each.conversation_id: each for each in mine}
        return [
            _Walked(conversation_id, known[conversation_id].visible_from_seq, seq + 1, at)
            for conversation_id, seq, at in _rows(_BEGINNINGS, [list(known), start])
            if seq >= known[conversation_id].visible_from_seq
        ]

    def _blocks(self, walked: Sequence[_Walked], depth: int) -> list[tuple[Any, ...]]:
        """Look at the next block in some conversations; those that are at their end are not among the answers."""
        answers = _rows(
            _BLOCKS,
            {
                **self._params,
                "ids": [each.conversation_id for each in walked],
                "visible": [each.visible_from_seq for each in walked],
                "below": [each.below_seq for each in walked],
                "depth": depth,
            },
        )
        answered = {answer[0] for answer in answers}
        ended = [each for each in walked if each.conversation_id not in answered]
        return [*answers, *((each.conversation_id, 0, 0, each.at, (), ()) for each in ended)]

    def _is_past(self, at: datetime) -> bool:
        return self._filters.since is not None and at < self._filters.since

    def _page(self, found: Sequence[tuple[datetime, str, str]], *, rest: datetime | None = None) -> Found:
        newest = sorted(found, reverse=True)
        keys = [(conversation_id, message_id) for _, message_id, conversation_id in newest[: self._limit]]
        if len(newest) > self._limit:
            last = newest[self._limit - 1]
            return Found(keys, Place(last[0], last[1]))
        return Found(keys, None if rest is None else Place(rest))


def _rows(statement: LiteralString, params: Any) -> list[tuple[Any, ...]]:
    with connection_for_reading().cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()

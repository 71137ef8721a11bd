"""Searching messages: how often and how much one person may search, and what is found."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any, LiteralString

import orjson
import psycopg
from django.db import OperationalError, transaction

from accounts.models import User
from chat_project.core.api.pagination import DEFAULT_LIMIT, read_cursor, write_cursor
from chat_project.core.cache import find, keep
from chat_project.core.db.cuid import is_cuid
from chat_project.core.db.replica import connection_for_reading, from_replica
from chat_project.core.errors import InvalidError, TooManyRequestsError, UnavailableError
from chat_project.core.limits import hit_search
from conversations.selectors.memberships import require_membership
from messaging.enums import MessageType
from messaging.search import Filters, Found, Hit, Place, find_messages, read_hits
from messaging.search_query import SearchQuery

CURSOR_KIND = "search"
CACHED_SECONDS = 30
# For how long words are taken to be common that were; it is the same to all who search.
COMMON_SECONDS = 600
_TIMEOUT = "1s"
# Searches have a class of advisory locks of their own.
_LOCK_CLASS = 0x5EA4
_BEGIN: LiteralString = "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s)), set_config('statement_timeout', %s, true)"


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of what was found, what it was searched by, and the cursor to the next."""

    results: list[Hit]
    query: SearchQuery
    next: str | None


def search_messages(
    *, viewer: User, q: str, filters: Filters, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> SearchPage:
    """Return a page of the messages that the viewer may see and that hold what is searched for, newest first.

    What was found is kept for CACHED_SECONDS; rights are judged anew each time. A text without any word finds nothing.

    Raises: InvalidError, ConversationNotFoundError; TooManyRequestsError where the viewer searches too often, or twice
    at once; UnavailableError where it takes longer than a second.
    """
    if filters.conversation_id is not None:
        require_membership(viewer_id=viewer.pk, conversation_id=filters.conversation_id)
    query = SearchQuery.parsed(q)
    _check(filters)
    scope = orjson.dumps([q, asdict(filters)]).decode()
    after = None
    if cursor is not None:
        after = _place(read_cursor(cursor, kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope))
    if not query.phrases:
        return SearchPage([], query, None)
    hit_search(viewer.pk)
    name = _cache_key(viewer.pk, scope, cursor, limit)
    found = _cached(name)
    if found is None:
        found = from_replica(partial(_found, viewer.pk, query, filters, limit, after), viewer_id=viewer.pk)
        _keep(name, found)
    following = None
    if found.next is not None:
        following = write_cursor(kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope, position=_position(found.next))
    return SearchPage(read_hits(viewer_id=viewer.pk, keys=found.keys), query, following)


def _check(filters: Filters) -> None:
    if filters.type is not None and filters.type not in MessageType.values:
        raise InvalidError.of("type", f"Give one of {', '.join(MessageType.values)}.")
    if filters.sender_id is not None and not is_cuid(filters.sender_id):
        raise InvalidError.of("sender_id", "Give the id of a person.")


def _found(viewer_id: str, query: SearchQuery, filters: Filters, limit: int, after: Place | None) -> Found:
    common = _common_key(query, filters)
    is_common = find(common) is not None
    try:
        place = connection_for_reading()
        with transaction.atomic(using=place.alias):
            with place.cursor() as db:
                db.execute(_BEGIN, [_LOCK_CLASS, viewer_id, _TIMEOUT])
                [is_first, _] = db.fetchone()
            if not is_first:
                raise TooManyRequestsError("Another search of yours is under way.", retry_after=1)
            found = find_messages(
                viewer_id=viewer_id, query=query, filters=filters, limit=limit, after=after, is_common=is_common
            )
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise UnavailableError("This search takes too long. Search for something more particular.") from None
        raise
    if found.is_common and not is_common:
        keep(common, True, seconds=COMMON_SECONDS)
    return found


def _common_key(query: SearchQuery, filters: Filters) -> str:
    return f"common-words:{hashlib.sha256(orjson.dumps([query.tsquery(), asdict(filters)])).hexdigest()}"


def _cache_key(viewer_id: str, scope: str, cursor: str | None, limit: int) -> str:
    asked = orjson.dumps([scope, cursor, limit])
    return f"search:{viewer_id}:{hashlib.sha256(asked).hexdigest()}"


def _cached(name: str) -> Found | None:
    entry = find(name)
    if entry is None:
        return None
    following = entry["next"]
    return Found(_keys(entry["keys"]), None if following is None else _place(following))


def _keep(name: str, found: Found) -> None:
    following = None if found.next is None else _position(found.next)
    keep(name, {"keys": found.keys, "next": following}, seconds=CACHED_SECONDS)


def _keys(pairs: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    return [(conversation_id, message_id) for conversation_id, message_id in pairs]


def _position(place: Place) -> dict[str, str]:
    return {"at": place.created_at.isoformat(), "id": place.id}


def _place(position: Mapping[str, Any]) -> Place:
    return Place(datetime.fromisoformat(position["at"]), position["id"])

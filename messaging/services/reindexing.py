"""Search vectors made anew: after a release that folds or divides texts otherwise than the one that wrote them."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from messaging.search_text import search_vector

BATCH = 1000

_BATCH = """
    SELECT conversation_id, id, content FROM messages
    WHERE (conversation_id, id) > (%s, %s) AND NOT is_deleted AND encryption IS NULL
    ORDER BY conversation_id, id LIMIT %s
"""
_DIFFERENT = """
    SELECT wanted.conversation_id, wanted.id, wanted.vector
    FROM unnest(%s::text[], %s::text[], %s::text[]) AS wanted (conversation_id, id, vector)
    JOIN messages m ON m.conversation_id = wanted.conversation_id AND m.id = wanted.id
    WHERE m.search IS DISTINCT FROM wanted.vector::tsvector
"""
# What was edited or deleted meanwhile has its vector from that.
_WRITE = """
    UPDATE messages SET search = %s::tsvector
    WHERE conversation_id = %s AND id = %s AND content = %s AND NOT is_deleted AND encryption IS NULL
"""


class Place(NamedTuple):
    """The key of a message: a walk has come so far."""

    conversation_id: str
    message_id: str


START = Place("", "")


class Reindexed(NamedTuple):
    """What a batch came to: where it ended, how many messages it read, and how many it wrote."""

    place: Place
    read: int
    written: int


def reindex_batch(*, after: Place, limit: int = BATCH) -> Reindexed:
    """Make the vectors of the next messages after a place anew; those that are right are not written.

    Each message is a transaction of its own, so that nobody waits for more than one. Nothing that anybody sees changes
    but what is found: no version is drawn. Safe to run twice, and to be killed anywhere.
    """
    rows = _read(after, limit)
    if not rows:
        return Reindexed(after, 0, 0)
    contents = {(conversation_id, message_id): content for conversation_id, message_id, content in rows}
    vectors = [search_vector(content) for content in contents.values()]
    conversation_ids, ids = zip(*contents, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT, [list(conversation_ids), list(ids), vectors])
        different = cursor.fetchall()
        written = 0
        for conversation_id, message_id, vector in different:
            key = (conversation_id, message_id)
            cursor.execute(_WRITE, [vector, *key, contents[key]])
            written += cursor.rowcount
    return Reindexed(Place(conversation_ids[-1], ids[-1]), len(rows), written)


def _read(after: Place, limit: int) -> Sequence[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_BATCH, [*after, limit])
        return list(cursor.fetchall())

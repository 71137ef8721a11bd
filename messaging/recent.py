"""Messages in Redis that everybody reads: a conversation's newest ones, and the last one, which the list shows.

Each change of a message draws a version, and every read asks the database for the conversation's first. What was kept
under another version is not looked at: so no change can be served late, and nothing has to be invalidated. Names and
pictures change without a version: people are read each time. What expires changes by the clock, and is not kept.

Not for a transaction that has changed something: what is rolled back must not be kept.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from accounts.selectors.authors import authors_by_id
from chat_project.core.cache import find, find_many, forget_all, keep, keep_many
from messaging.rows import MessageRow, Quote, messages_by_key, messages_where

# The default page, and one message more, by which it knows of the next.
KEPT = 51
SECONDS = 300
_RECENT, _LAST = "recent-messages:", "last-message:"
# What was kept by another release may have other columns.
_FIELDS = [*MessageRow._fields, *Quote._fields]
_SENDER, _QUOTE, _ORIGIN = (_FIELDS.index(name) for name in ("sender", "quote", "origin"))


class Last(NamedTuple):
    """A conversation's last message, and the version at which it was that."""

    conversation_id: str
    message_id: str
    version: int


def recent_messages(*, conversation_id: str, version: int) -> list[MessageRow]:
    """Return a conversation's newest KEPT messages, newest first, as they are at a version or later. One statement.

    What the viewer may see of them is the caller's to judge.
    """
    name = _RECENT + conversation_id
    if (packed := _packed_at(find(name), version)) is not None:
        return _unpacked(packed)
    rows = messages_where("m.conversation_id = %s ORDER BY m.seq DESC LIMIT %s", [conversation_id, KEPT])
    if not any(row.expires for row in rows):
        keep(name, _entry(version, rows), seconds=SECONDS)
    return rows


def last_messages(wanted: Collection[Last]) -> dict[tuple[str, str], MessageRow]:
    """Return last messages by (conversation id, id), as they are at their versions or later. Two statements at most."""
    kept = find_many([_LAST + last.conversation_id for last in wanted])
    packed: list[list[Any]] = []
    missing: dict[tuple[str, str], int] = {}
    for last in wanted:
        found = _packed_at(kept.get(_LAST + last.conversation_id), last.version)
        if found is None:
            missing[last.conversation_id, last.message_id] = last.version
        else:
            packed += found
    read = messages_by_key(missing)
    keep_many(
        {_LAST + key[0]: _entry(missing[key], [row]) for key, row in read.items() if not row.expires}, seconds=SECONDS
    )
    return {**read, **{(row.conversation_id, row.id): row for row in _unpacked(packed)}}


def forget_messages() -> None:
    """Drop all that is kept: for what takes something from messages without drawing versions."""
    for prefix in (_RECENT, _LAST):
        forget_all(prefix)


def _entry(version: int, rows: Iterable[MessageRow]) -> dict[str, Any]:
    return {"version": version, "fields": _FIELDS, "rows": [_packed(row) for row in rows]}


def _packed_at(entry: Any, version: int) -> list[list[Any]] | None:
    """Return the rows of an entry that is of this version; else None."""
    if entry is None or entry["version"] != version or entry["fields"] != _FIELDS:
        return None
    rows: list[list[Any]] = entry["rows"]
    return rows


def _packed(row: MessageRow) -> list[Any]:
    """Return a row with people's ids in their places."""
    values: list[Any] = list(row)
    values[_SENDER] = None if row.sender is None else row.sender.id
    values[_QUOTE] = None if row.quote is None else list(row.quote)
    values[_ORIGIN] = None if row.origin is None else row.origin.id
    return values


def _unpacked(packed: Sequence[list[Any]]) -> list[MessageRow]:
    """Return rows, with people as they are now."""
    people = authors_by_id({values[at] for values in packed for at in (_SENDER, _ORIGIN)} - {None})
    for values in packed:
        values[_SENDER], values[_ORIGIN] = people.get(values[_SENDER]), people.get(values[_ORIGIN])
        if values[_QUOTE] is not None:
            values[_QUOTE] = Quote(*values[_QUOTE])
    return [MessageRow._make(values) for values in packed]

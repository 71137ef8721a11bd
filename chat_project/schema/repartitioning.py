"""More partitions for the tables that are spread by hash: each partition is divided into several.

All in one transaction: interrupted or killed, nothing has happened. The parent tables stay, with their rights,
indexes, triggers and keys; new partitions get theirs from them. Keys that point at a table are made anew at the end,
which checks every row.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Identifier, Literal

from chat_project.core.db.rights import grant_rights

PARTITIONS_MAX = 1024

_PARTITIONS = """
    SELECT child.relname, pg_get_expr(child.relpartbound, child.oid)
    FROM pg_inherits AS link JOIN pg_class AS child ON child.oid = link.inhrelid
    WHERE link.inhparent = %s::regclass ORDER BY child.relname
"""
_POINTING_KEYS = """
    SELECT class.relname, con.conname, pg_get_constraintdef(con.oid)
    FROM pg_constraint AS con JOIN pg_class AS class ON class.oid = con.conrelid
    WHERE con.confrelid = %s::regclass AND con.contype = 'f' AND con.conparentid = 0
    ORDER BY class.relname, con.conname
"""
_KEY_COLUMN = """
    SELECT attname FROM pg_partitioned_table
    JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]
    WHERE partrelid = %s::regclass
"""
# Of all rows together, in whatever order.
_FINGERPRINT = SQL("SELECT count(*), sum(hashtextextended(row::text, 0)::numeric) FROM {table} AS row")
_DETACH = SQL("ALTER TABLE {parent} DETACH PARTITION {old}")
_RENAME = SQL("ALTER TABLE {old} RENAME TO {aside}")
_CREATE = SQL(
    "CREATE TABLE {new} (LIKE {parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE)"
)
_FILL = SQL(
    "INSERT INTO {new} SELECT * FROM {aside} "
    "WHERE satisfies_hash_partition({parent_name}::regclass, {modulus}, {remainder}, {column})"
)
_DROP = SQL("DROP TABLE {aside}")
_ATTACH = SQL("ALTER TABLE {parent} ATTACH PARTITION {new} FOR VALUES WITH (MODULUS {modulus}, REMAINDER {remainder})")


class RepartitioningError(Exception):
    """The number does not fit what is there, or the copy is not what was copied; nothing has changed."""


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    modulus: int
    remainder: int


def hash_tables() -> list[str]:
    """Return the tables that are spread by hash."""
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "hash_partitions", 0))


def check_number(number: int) -> int:
    """Return how many partitions there are now. Raises RepartitioningError where they can't become this many."""
    with connection.cursor() as cursor:
        counts = {len(_parts(cursor, table)) for table in hash_tables()}
        moduli = {part.modulus for table in hash_tables() for part in _parts(cursor, table)}
    if len(moduli) != 1 or moduli != counts:
        raise RepartitioningError("The partitions are not of one size. db_validate says what is missing.")
    [current] = counts
    if number % current or not current < number <= PARTITIONS_MAX:
        raise RepartitioningError(
            f"There are {current} partitions. Give a multiple of that, of {PARTITIONS_MAX} at most."
        )
    return current


def repartition(number: int, *, server_role: str) -> Iterator[str]:
    """Divide every partition of every table, and tell of each that is done; as the role that owns the tables.

    Nobody reads or writes the tables until the end. Raises RepartitioningError.
    """
    check_number(number)
    with transaction.atomic():
        for table in hash_tables():
            yield from _divide(table, number)
        grant_rights(connection, server_role)


def _divide(table: str, number: int) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(Identifier(table)))
        cursor.execute(_KEY_COLUMN, [table])
        [column] = cursor.fetchone()
        cursor.execute(_POINTING_KEYS, [table])
        keys = cursor.fetchall()
        for owner, name, _ in keys:
            cursor.execute(SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(Identifier(owner), Identifier(name)))
        parts = _parts(cursor, table)
        # Aside first, all of them: the new ones take their names.
        for part in parts:
            names = {"parent": Identifier(table), "old": Identifier(part.name), "aside": Identifier(_aside(part))}
            cursor.execute(_DETACH.format(**names))
            cursor.execute(_RENAME.format(**names))
        for part in parts:
            _copy(cursor, table, column, part, number)
            yield f"{table} {part.remainder + 1} of {len(parts)}"
        for owner, name, definition in keys:
            cursor.execute(
                SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(Identifier(owner), Identifier(name), SQL(definition))
            )


def _copy(cursor: CursorWrapper, table: str, column: str, part: _Part, number: int) -> None:
    """Write what a partition held into its heirs, hold one against the other, and put the heirs in its place."""
    aside = _aside(part)
    remainders = range(part.remainder, number, part.modulus)
    digits = max(2, len(str(number - 1)))
    heirs = {remainder: f"{table}_p{remainder:0{digits}}" for remainder in remainders}
    common = {
        "parent": Identifier(table),
        "parent_name": Literal(table),
        "aside": Identifier(aside),
        "column": Identifier(column),
        "modulus": Literal(number),
    }
    for remainder, heir in heirs.items():
        names = {**common, "new": Identifier(heir), "remainder": Literal(remainder)}
        cursor.execute(_CREATE.format(**names))
        cursor.execute(_FILL.format(**names))
    if _fingerprint(cursor, [aside]) != _fingerprint(cursor, list(heirs.values())):
        raise RepartitioningError(f"What was copied of {part.name} is not what it held. Nothing has changed.")
    cursor.execute(_DROP.format(**common))
    for remainder, heir in heirs.items():
        cursor.execute(_ATTACH.format(**common, new=Identifier(heir), remainder=Literal(remainder)))


def _parts(cursor: CursorWrapper, table: str) -> list[_Part]:
    cursor.execute(_PARTITIONS, [table])
    found = [(name, *map(int, re.findall(r"\d+", bound))) for name, bound in cursor.fetchall()]
    return sorted((_Part(*row) for row in found), key=lambda part: part.remainder)


def _aside(part: _Part) -> str:
    return f"{part.name}_former"


def _fingerprint(cursor: CursorWrapper, tables: Sequence[str]) -> tuple[int, int]:
    rows = []
    for table in tables:
        cursor.execute(_FINGERPRINT.format(table=Identifier(table)))
        rows.append(cursor.fetchone())
    return sum(count for count, _ in rows), int(sum(total or 0 for _, total in rows))

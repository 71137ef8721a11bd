"""Whether what is declared is at work: keys are checked, tables outlive a crash, columns are full."""

from collections.abc import Iterator
from typing import LiteralString

from django.db.backends.utils import CursorWrapper

from chat_project.schema.findings import Finding

# A foreign key is kept by triggers on both tables, which a superuser's DISABLE TRIGGER ALL turns off.
_SLEEPING_KEYS: LiteralString = """
    SELECT DISTINCT class.relname, con.conname
    FROM pg_trigger AS trigger
    JOIN pg_class AS class ON class.oid = trigger.tgrelid
    JOIN pg_constraint AS con ON con.oid = trigger.tgconstraint
    WHERE class.relnamespace = current_schema()::regnamespace AND trigger.tgisinternal AND trigger.tgenabled <> 'O'
    ORDER BY 1, 2
"""

_UNLOGGED: LiteralString = """
    SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relpersistence = 'u'
    ORDER BY relname
"""

# PostgreSQL 18 writes NOT NULLs down as constraints, and they may wait for their check.
_UNCHECKED_NOT_NULLS: LiteralString = """
    SELECT class.relname, attribute.attname
    FROM pg_constraint AS con
    JOIN pg_class AS class ON class.oid = con.conrelid
    JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attnum = con.conkey[1]
    WHERE class.relnamespace = current_schema()::regnamespace AND con.contype = 'n' AND NOT con.convalidated
    ORDER BY 1, 2
"""


def enforcement_findings(cursor: CursorWrapper) -> Iterator[Finding]:
    """Yield what is declared and not kept."""
    cursor.execute(_SLEEPING_KEYS)
    for table, key in cursor.fetchall():
        yield Finding("foreign key", key, f"is not kept: its triggers on {table} are disabled")
    cursor.execute(_UNLOGGED)
    for (table,) in cursor.fetchall():
        yield Finding("table", table, "is unlogged: a crash empties it")
    cursor.execute(_UNCHECKED_NOT_NULLS)
    for table, column in cursor.fetchall():
        yield Finding("column", f"{table}.{column}", "is NOT NULL, but not validated: rows from before it may be null")

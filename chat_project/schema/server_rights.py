"""Whether the server's role may do what it needs and no more."""

from collections.abc import Iterator
from typing import LiteralString

from django.db.backends.utils import CursorWrapper

from chat_project.core.db.rights import wanted_rights
from chat_project.schema.findings import Finding

_OWNERS: LiteralString = """
    SELECT EXISTS (
        SELECT FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
            AND pg_has_role(%s, relowner, 'MEMBER')
    )
"""

# What it holds on each table, itself or through another role: on the whole of it, and on any column.
_TABLES: LiteralString = """
    SELECT
        class.relname,
        coalesce(root.relname, class.relname),
        array(SELECT right_name FROM unnest(%(all)s::text[]) AS right_name
            WHERE has_table_privilege(%(role)s, class.oid, right_name)),
        array(SELECT right_name FROM unnest(%(by_column)s::text[]) AS right_name
            WHERE has_any_column_privilege(%(role)s, class.oid, right_name))
    FROM pg_class AS class
    LEFT JOIN pg_class AS root ON class.relispartition AND root.oid = pg_partition_root(class.oid)
    WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = class.oid AND deptype = 'e')
    ORDER BY class.relname
"""

# A CASE keeps the order: asked of a table, the question is an error.
_SEQUENCES: LiteralString = """
    SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace
        AND CASE WHEN relkind = 'S' THEN NOT has_sequence_privilege(%s, oid, 'USAGE') END
    ORDER BY relname
"""

_FUNCTIONS: LiteralString = """
    SELECT proname FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND NOT has_function_privilege(%s, oid, 'EXECUTE')
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    ORDER BY proname
"""

_BY_COLUMN = ["SELECT", "INSERT", "UPDATE", "REFERENCES"]
_ALL = [*_BY_COLUMN, "DELETE", "TRUNCATE", "TRIGGER"]


def rights_findings(cursor: CursorWrapper, role: str) -> Iterator[Finding]:
    """Yield what `role` lacks and what it holds too much; of an owner nothing can be asked, which is a remark."""
    cursor.execute(_OWNERS, [role])
    if cursor.fetchone()[0]:
        problem = "owns tables, or may become their owner: the audit log is not safe from the server"
        yield Finding("role", role, problem, fails=False)
        return
    cursor.execute(_TABLES, {"role": role, "all": _ALL, "by_column": _BY_COLUMN})
    for table, root, held, held_by_column in cursor.fetchall():
        wanted = wanted_rights(table, root)
        if lacking := sorted(wanted - set(held)):
            yield Finding("role", role, f"may not {', '.join(lacking)} on {table}")
        if surplus := sorted({*held, *held_by_column} - wanted):
            yield Finding("role", role, f"may {', '.join(surplus)} on {table}")
    cursor.execute(_SEQUENCES, [role])
    for (sequence,) in cursor.fetchall():
        yield Finding("role", role, f"may not use the sequence {sequence}")
    cursor.execute(_FUNCTIONS, [role])
    for (function,) in cursor.fetchall():
        yield Finding("role", role, f"may not call the function {function}")

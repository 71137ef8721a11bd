"""What the server's role may do to the tables: the owner's role grants it after each migration.

The server owns nothing. It reads and writes every table but the audit log and its seals, which it reads and adds to;
their partitions it reaches through the log alone. The list of migrations it reads.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import LiteralString

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

READ_WRITE = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
APPEND_ONLY = frozenset({"SELECT", "INSERT"})
READ_ONLY = frozenset({"SELECT"})
SEQUENCE = frozenset({"USAGE", "SELECT"})

APPEND_ONLY_TABLES = frozenset({"audit_logs", "audit_seals"})
_READ_ONLY_TABLES = frozenset({"django_migrations"})

# Tables, their partitions and their sequences in the schema at work, with who holds what on each.
_RELATIONS: LiteralString = """
    SELECT
        class.oid::regclass::text,
        class.relkind = 'S',
        class.relname,
        coalesce(root.relname, class.relname),
        array(
            SELECT item.privilege_type::text FROM aclexplode(class.relacl) AS item WHERE item.grantee = role.oid
            UNION ALL
            SELECT item.privilege_type || ' (column)'
            FROM pg_attribute AS attribute, aclexplode(attribute.attacl) AS item
            WHERE attribute.attrelid = class.oid AND item.grantee = role.oid
        ),
        EXISTS (SELECT FROM aclexplode(class.relacl) AS item WHERE item.grantee = 0)
    FROM pg_class AS class
    JOIN pg_roles AS role ON role.rolname = %s
    LEFT JOIN pg_class AS root ON class.relispartition AND root.oid = pg_partition_root(class.oid)
    WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind IN ('r', 'p', 'S')
        AND pg_has_role(current_user, class.relowner, 'USAGE')
    ORDER BY class.relname
"""

# Functions of the owner's that the role may not call yet; what an extension brings is the extension's matter.
_FUNCTIONS: LiteralString = """
    SELECT function.oid::regprocedure::text
    FROM pg_proc AS function
    WHERE function.pronamespace = current_schema()::regnamespace
        AND pg_has_role(current_user, function.proowner, 'USAGE')
        AND NOT has_function_privilege(%s, function.oid, 'EXECUTE')
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = function.oid AND deptype = 'e')
    ORDER BY 1
"""


@dataclass(frozen=True)
class _Relation:
    """A table, a partition or a sequence: its name in SQL, what the role shall hold, and what it holds."""

    name: str
    kind: str
    wanted: frozenset[str]
    held: frozenset[str]
    public_too_much: bool


def grant_rights(connection: BaseDatabaseWrapper, role: str) -> None:
    """Give `role` what the server needs and take away what it must not have; what is right already is not touched.

    `connection` speaks for the tables' owner. A role that is the owner, or may become it, is left as it is.
    """
    quoted = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        if not role or _may_become_owner(cursor, role):
            return
        cursor.execute(
            "SELECT quote_ident(current_schema()), has_schema_privilege(%s, current_schema(), 'USAGE')", [role]
        )
        schema, enters = cursor.fetchone()
        if not enters:
            cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}")
        for relation in _relations(cursor, role):
            for statement in _corrections(relation, quoted):
                cursor.execute(statement)
        cursor.execute(_FUNCTIONS, [role])
        for (function,) in cursor.fetchall():
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {quoted}")


def wanted_rights(table: str, root: str) -> frozenset[str]:
    """Return what the server's role shall hold on a table; `root` is the table that it is a partition of, or itself."""
    if root in APPEND_ONLY_TABLES:
        return APPEND_ONLY if table == root else frozenset()
    return READ_ONLY if table in _READ_ONLY_TABLES else READ_WRITE


def _may_become_owner(cursor: CursorWrapper, role: str) -> bool:
    cursor.execute("SELECT pg_has_role(%s, current_user, 'MEMBER')", [role])
    return bool(cursor.fetchone()[0])


def _relations(cursor: CursorWrapper, role: str) -> Iterator[_Relation]:
    cursor.execute(_RELATIONS, [role])
    for name, is_sequence, table, root, held, public in cursor.fetchall():
        wanted = SEQUENCE if is_sequence else wanted_rights(table, root)
        kind = "SEQUENCE" if is_sequence else "TABLE"
        yield _Relation(name, kind, wanted, frozenset(held), public and root in APPEND_ONLY_TABLES)


def _corrections(relation: _Relation, role: str) -> Iterator[str]:
    if relation.public_too_much:
        yield f"REVOKE ALL ON {relation.kind} {relation.name} FROM PUBLIC"
    if relation.held - relation.wanted:
        yield f"REVOKE ALL ON {relation.kind} {relation.name} FROM {role}"
    if relation.wanted and relation.held != relation.wanted:
        yield f"GRANT {', '.join(sorted(relation.wanted))} ON {relation.kind} {relation.name} TO {role}"

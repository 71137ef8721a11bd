"""Which migrations can't be applied while the version before still serves: what `lint_migrations` looks for.

A deploy applies migrations first and then replaces the processes one by one. So a migration may hold no lock that
waits for the size of a table, and must leave the tables usable for the code that is about to go.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently
from django.db import connection
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.fields import FieldOperation
from django.db.migrations.operations.models import IndexOperation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, CharField, ManyToManyField

from chat_project.core.db.operations import AddForeignKey, SqlOperation

# Up to these no version had been released: every table was empty when they were applied.
FIRST_RELEASE: Mapping[str, str] = {
    "accounts": "0006",
    "attachments": "0002",
    "conversations": "0004",
    "messaging": "0005",
    "moderation": "0006",
}
# What a migration says of itself where a rule does not fit it: a text with the reason.
EXCUSE = "safe_because"

_IN_USE = "the version that still serves uses the name: take it out of the state in one release, drop it in the next"
_INDEX = "the index is not made CONCURRENTLY, in a file of its own; of a partitioned table, partition by partition"
_CONSTRAINT = "all rows are checked under a lock: add it NOT VALID, and validate it in the next file"
_STATEMENTS: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), why)
    for pattern, why in (
        (r"\bCREATE\s+(UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY\b)(?![^;]*\bON\s+ONLY\b)", _INDEX),
        (r"\bDROP\s+INDEX\s+(?!CONCURRENTLY\b)", _INDEX),
        (r"\bADD\s+CONSTRAINT\b(?![^;]*\b(NOT\s+VALID|USING\s+INDEX)\b)", _CONSTRAINT),
        (r"\bSET\s+NOT\s+NULL\b", "a column becomes NOT NULL by a scan: add a check NOT VALID, and validate it"),
        (r"\bALTER\s+COLUMN\b[^;]*\bTYPE\b", "another type of a column writes the table anew"),
        (r"\b(DROP\s+(COLUMN|TABLE)|RENAME)\b", _IN_USE),
        (r"\b(LOCK\s+TABLE|TRUNCATE|VACUUM\s+FULL|CLUSTER)\b", "it shuts everybody out of the table"),
        (r"^\s*(UPDATE|DELETE)\b", "rows are changed in one statement: do it in batches, in a RunPython of its own"),
    )
)


@dataclass
class _Tables:
    """What a migration has made so far: nobody uses it yet."""

    models: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


def unsafe_migrations(loader: MigrationLoader) -> list[str]:
    """Return what is unsafe in the migrations of the project's apps since the first release."""
    found: list[str] = []
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in FIRST_RELEASE and name[:4] > FIRST_RELEASE[app] and not getattr(migration, EXCUSE, ""):
            before = loader.project_state((app, name), at_end=False)
            found += [f"{app}.{name}: {what}" for what in unsafe_operations(migration, before)]
    return found


def unsafe_operations(migration: Migration, before: ProjectState) -> Iterator[str]:
    """Yield what is unsafe in one migration, whose models were `before`."""
    state, made = before.clone(), _Tables()
    for operation in migration.operations:
        for why in _judge(operation, migration, state, made):
            yield f"{operation.describe()}: {why}"
        operation.state_forwards(migration.app_label, state)


def _judge(operation: Operation, migration: Migration, state: ProjectState, made: _Tables) -> Iterable[str]:
    match operation:
        case operations.SeparateDatabaseAndState():
            return _separate(operation, migration, state, made)
        case operations.CreateModel():
            made.models.add(operation.name_lower)
            made.names.add(operation.options.get("db_table", f"{migration.app_label}_{operation.name_lower}"))
            return ()
        case operations.RunPython():
            return _python(migration)
        case operations.RunSQL():
            return _sql(_texts(operation.sql), made)
        case AddForeignKey():
            new = operation.table in made.names
            return () if new else [_CONSTRAINT]
        case SqlOperation():
            return _sql(operation.forwards(), made)
        case FieldOperation() if operation.model_name_lower not in made.models:
            return _field(operation, migration, state)
        case IndexOperation():
            return () if operation.model_name_lower in made.models else _index(operation)
        case operations.RenameModel() | operations.AlterModelTable() | operations.DeleteModel():
            return [_IN_USE]
    return ()


def _separate(
    operation: operations.SeparateDatabaseAndState, migration: Migration, state: ProjectState, made: _Tables
) -> Iterator[str]:
    """Judge what the database does. To drop there what the state no longer has is the second of two steps."""
    known = state.clone()
    for each in operation.database_operations:
        if not isinstance(each, operations.RemoveField | operations.DeleteModel):
            yield from _judge(each, migration, known, made)
        each.state_forwards(migration.app_label, known)


def _python(migration: Migration) -> Iterator[str]:
    if migration.atomic:
        yield "rows are changed in one transaction: set atomic = False, and work in batches"
    if len(migration.operations) > 1:
        yield "it shares its file with other operations, whose locks it would hold"


def _sql(statements: Iterable[str], made: _Tables) -> Iterator[str]:
    for statement in statements:
        if not any(re.search(rf"\b{re.escape(name)}\b", statement) for name in made.names):
            yield from (why for pattern, why in _STATEMENTS if pattern.search(statement))


def _texts(sql: Any) -> list[str]:
    if isinstance(sql, str):
        return [] if sql == operations.RunSQL.noop else [sql]
    return [each if isinstance(each, str) else each[0] for each in sql]


def _field(operation: FieldOperation, migration: Migration, state: ProjectState) -> Iterator[str]:
    match operation:
        case operations.AddField(field=column) if not isinstance(column, ManyToManyField):
            if not column.null and column.db_default is NOT_PROVIDED:
                yield "the version that still serves writes rows without it: let it be null, or give a db_default"
            if column.unique or getattr(column, "db_index", False):
                yield _INDEX
        case operations.RemoveField() | operations.RenameField():
            yield _IN_USE
        case operations.AlterField():
            old = state.models[migration.app_label, operation.model_name_lower].fields[operation.name]
            yield from _altered(operation.name, old, operation.field)


def _altered(name: str, old: Any, new: Any) -> Iterator[str]:
    old, new = old.clone(), new.clone()
    for column in (old, new):
        column.set_attributes_from_name(name)
    editor: Any = connection.schema_editor(collect_sql=True, atomic=False)
    if not editor._field_should_be_altered(old, new):
        return
    if old.null and not new.null:
        yield "a column becomes NOT NULL by a scan: add a check NOT VALID, and validate it"
    is_longer = isinstance(old, CharField) and isinstance(new, CharField) and _length(new) >= _length(old)
    if old.db_type(connection) != new.db_type(connection) and not is_longer:
        yield "another type of a column writes the table anew"
    if (new.unique or new.db_index) and not (old.unique or old.db_index):
        yield _INDEX


def _length(column: Any) -> float:
    return float("inf") if column.max_length is None else column.max_length


def _index(operation: IndexOperation) -> Iterator[str]:
    match operation:
        case AddIndexConcurrently() | RemoveIndexConcurrently() | AddConstraintNotValid():
            return
        case operations.AddIndex():
            yield _INDEX
        case operations.RemoveIndex():
            yield "the index is not dropped CONCURRENTLY"
        case operations.AddConstraint():
            yield _CONSTRAINT

"""Migration operations for what PostgreSQL has and Django's schema editor has no word for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import CreateModel
from django.db.migrations.state import ProjectState

from chat_project.core.db.foreign_keys import ForeignKeyConstraint, ForeignKeyReplacement
from chat_project.core.db.triggers import Trigger


@contextmanager
def partitioned_tables(schema_editor: BaseDatabaseSchemaEditor, partition_by: str) -> Iterator[None]:
    """Have the schema editor create its tables `PARTITION BY <partition_by>`."""
    plain = schema_editor.sql_create_table
    schema_editor.sql_create_table = f"{plain} PARTITION BY {partition_by}"
    try:
        yield
    finally:
        schema_editor.sql_create_table = plain


class CreatePartitionedModel(CreateModel):
    """Create a model's table as a partitioned one: `PARTITION BY <partition_by>`.

    With `hash_partitions`, that many partitions `<table>_p00`, `<table>_p01` … are made with it.
    """

    serialization_expand_args: ClassVar[list[str]] = [*CreateModel.serialization_expand_args]

    def __init__(self, *args: Any, partition_by: str, hash_partitions: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partition_by = partition_by
        self.hash_partitions = hash_partitions

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        name, args, kwargs = super().deconstruct()
        return name, args, kwargs | {"partition_by": self.partition_by, "hash_partitions": self.hash_partitions}

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        with partitioned_tables(schema_editor, self.partition_by):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        table = to_state.apps.get_model(app_label, self.name)._meta.db_table
        for number in range(self.hash_partitions):
            schema_editor.execute(
                f'CREATE TABLE "{table}_p{number:02}" PARTITION OF "{table}" '
                f"FOR VALUES WITH (MODULUS {self.hash_partitions}, REMAINDER {number})"
            )


class SqlOperation(Operation):
    """An operation that is SQL alone: the state of the models stays as it is."""

    reversible = True

    def forwards(self) -> list[str]:
        """Return the statements that do it."""
        raise NotImplementedError

    def backwards(self) -> list[str]:
        """Return the statements that undo it."""
        raise NotImplementedError

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the state alone."""

    def database_forwards(self, _app: str, schema_editor: BaseDatabaseSchemaEditor, *_states: ProjectState) -> None:
        self._execute(schema_editor, self.forwards())

    def database_backwards(self, _app: str, schema_editor: BaseDatabaseSchemaEditor, *_states: ProjectState) -> None:
        self._execute(schema_editor, self.backwards())

    def _execute(self, schema_editor: BaseDatabaseSchemaEditor, statements: list[str]) -> None:
        for statement in statements:
            schema_editor.execute(statement, None)  # no parameters: a % in a function's body is its own


class CreateEnum(SqlOperation):
    """Create an enum type."""

    def __init__(self, name: str, values: Sequence[str]) -> None:
        self.name = name
        self.values = list(values)

    def forwards(self) -> list[str]:
        values = ", ".join(f"'{value}'" for value in self.values)
        return [f'CREATE TYPE "{self.name}" AS ENUM ({values})']

    def backwards(self) -> list[str]:
        return [f'DROP TYPE "{self.name}"']

    def describe(self) -> str:
        return f"Create enum type {self.name}"


class AddForeignKey(SqlOperation):
    """Add a foreign key with its ON DELETE in SQL, from one or more columns."""

    def __init__(self, table: str, constraint: ForeignKeyConstraint) -> None:
        self.table = table
        self.constraint = constraint

    def forwards(self) -> list[str]:
        return [f'ALTER TABLE "{self.table}" ADD {self.constraint.definition()}']

    def backwards(self) -> list[str]:
        return [f'ALTER TABLE "{self.table}" DROP CONSTRAINT "{self.constraint.name}"']

    def describe(self) -> str:
        return f"Add foreign key {self.constraint.name} to {self.table}"


class ReplaceForeignKey(SqlOperation):
    """Put a foreign key with ON DELETE in SQL in the place of one that Django made."""

    def __init__(self, replacement: ForeignKeyReplacement) -> None:
        self.replacement = replacement

    def forwards(self) -> list[str]:
        return self.replacement.statements()

    def backwards(self) -> list[str]:
        return self.replacement.reverse_statements()

    def describe(self) -> str:
        return f"Replace foreign key {self.replacement.replaces} of {self.replacement.table}"


class CreateFunction(SqlOperation):
    """Create a function from its CREATE FUNCTION statement; `arguments` are the types that tell it from its namesakes.

    A `definer` function runs with the rights of the tables' owner: everybody else loses the right to call it until
    it is granted, and it finds names in its own schema alone, never first among a caller's temporary tables.
    """

    def __init__(self, name: str, arguments: str, sql: str, *, definer: bool = False) -> None:
        self.name = name
        self.arguments = arguments
        self.sql = sql
        self.definer = definer

    def forwards(self) -> list[str]:
        return self.statements()

    def statements(self, schema: str = "") -> list[str]:
        """Return the SQL that creates it where tables are created; `schema` names that place where it must be named."""
        if not self.definer:
            return [self.sql]
        signature = f"{schema}.{self.name}({self.arguments})" if schema else f"{self.name}({self.arguments})"
        confine = f"ALTER FUNCTION {signature} SET search_path = %I, pg_temp"
        return [
            self.sql,
            f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
            f"DO $$ BEGIN EXECUTE format('{confine}', current_schema()); END $$",
        ]

    def backwards(self) -> list[str]:
        return [f"DROP FUNCTION {self.name}({self.arguments})"]

    def describe(self) -> str:
        return f"Create function {self.name}({self.arguments})"


class ReplaceFunction(CreateFunction):
    """Give a function another body; `former` is the one before. Both are CREATE OR REPLACE, which keeps its rights."""

    def __init__(self, name: str, arguments: str, sql: str, *, former: str) -> None:
        super().__init__(name, arguments, sql)
        self.former = former

    def backwards(self) -> list[str]:
        return [self.former]

    def describe(self) -> str:
        return f"Replace function {self.name}({self.arguments})"


class AddTrigger(SqlOperation):
    """Put a trigger on a table."""

    def __init__(self, table: str, trigger: Trigger) -> None:
        self.table = table
        self.trigger = trigger

    def forwards(self) -> list[str]:
        return self.trigger.statements(self.table)

    def backwards(self) -> list[str]:
        return [f'DROP TRIGGER "{self.trigger.name}" ON "{self.table}"']

    def describe(self) -> str:
        return f"Add trigger {self.trigger.name} to {self.table}"


class SetFillfactor(SqlOperation):
    """Leave room on a table's pages, so that updates of unindexed columns stay on theirs (HOT)."""

    def __init__(self, table: str, percent: int) -> None:
        self.table = table
        self.percent = percent

    def forwards(self) -> list[str]:
        return [f'ALTER TABLE "{self.table}" SET (fillfactor = {self.percent})']

    def backwards(self) -> list[str]:
        return [f'ALTER TABLE "{self.table}" RESET (fillfactor)']

    def describe(self) -> str:
        return f"Set fillfactor of {self.table} to {self.percent}"

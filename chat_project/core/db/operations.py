"""Migration operations for what PostgreSQL has and Django's schema editor has no word for."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import CreateModel
from django.db.migrations.state import ProjectState

from chat_project.core.db.foreign_keys import ForeignKeyConstraint


class CreateEnum(Operation):
    """Create an enum type."""

    reversible = True

    def __init__(self, name: str, values: Sequence[str]) -> None:
        self.name = name
        self.values = list(values)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the state alone: the field names its type itself."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        values = ", ".join(f"'{value}'" for value in self.values)
        schema_editor.execute(f"CREATE TYPE {schema_editor.quote_name(self.name)} AS ENUM ({values})")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        schema_editor.execute(f"DROP TYPE {schema_editor.quote_name(self.name)}")

    def describe(self) -> str:
        return f"Create enum type {self.name}"


class AddForeignKey(Operation):
    """Add a foreign key with its ON DELETE in SQL, from one or more columns."""

    reversible = True

    def __init__(self, table: str, constraint: ForeignKeyConstraint) -> None:
        self.table = table
        self.constraint = constraint

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the state alone: the models say `db_constraint=False`."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        schema_editor.execute(f'ALTER TABLE "{self.table}" ADD {self.constraint.definition()}')

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        schema_editor.execute(f'ALTER TABLE "{self.table}" DROP CONSTRAINT "{self.constraint.name}"')

    def describe(self) -> str:
        return f"Add foreign key {self.constraint.name} to {self.table}"


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
        plain = schema_editor.sql_create_table
        schema_editor.sql_create_table = f"{plain} PARTITION BY {self.partition_by}"
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.sql_create_table = plain
        table = to_state.apps.get_model(app_label, self.name)._meta.db_table
        for number in range(self.hash_partitions):
            schema_editor.execute(
                f'CREATE TABLE "{table}_p{number:02}" PARTITION OF "{table}" '
                f"FOR VALUES WITH (MODULUS {self.hash_partitions}, REMAINDER {number})"
            )


class SetFillfactor(Operation):
    """Leave room on a table's pages, so that updates of unindexed columns stay on theirs (HOT)."""

    reversible = True

    def __init__(self, table: str, percent: int) -> None:
        self.table = table
        self.percent = percent

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the state alone: storage is the database's matter."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        schema_editor.execute(f'ALTER TABLE "{self.table}" SET (fillfactor = {self.percent})')

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        schema_editor.execute(f'ALTER TABLE "{self.table}" RESET (fillfactor)')

    def describe(self) -> str:
        return f"Set fillfactor of {self.table} to {self.percent}"

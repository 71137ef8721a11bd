"""The schema as the models declare it, made for a moment among the session's temporary objects.

PostgreSQL rewrites what it is told: casts appear, conditions change their form, from version to version differently.
So nothing is compared with SQL of ours. The models' tables, keys, indexes and what they list beside them are created
in the temporary schema, read back from the catalogue as the live ones are, and rolled away. That takes no right but
TEMPORARY, which every role has, locks no live table, and takes part of a second.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from chat_project.core.db.fields import EnumField
from chat_project.core.db.operations import (
    AddForeignKey,
    CreateEnum,
    CreateFunction,
    SetFillfactor,
    partitioned_tables,
)
from chat_project.schema.catalogue import Catalogue, read_catalogue

# The search path holds it, but finds no functions there: these want their full names.
_TEMPORARY = "pg_temp"


def declared_models(connection: BaseDatabaseWrapper) -> list[type[models.Model]]:
    """Return the models that have a table of their own: ours, those of Django's apps, and its list of migrations."""
    ours = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    return [*ours, MigrationRecorder(connection).Migration]


def expected_catalogue(connection: BaseDatabaseWrapper) -> Catalogue:
    """Return what the catalogue of a right database holds."""
    with _temporary_schema(connection), connection.cursor() as cursor:
        with connection.schema_editor(atomic=False) as editor:
            _create_tables(editor, declared_models(connection))
        for statement in _beside_tables(connection):
            cursor.execute(statement)
        return read_catalogue(cursor)


@contextmanager
def _temporary_schema(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with transaction.atomic(using=connection.alias):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL search_path = {_TEMPORARY}")
        yield
        transaction.set_rollback(True, using=connection.alias)


def _create_tables(editor: BaseDatabaseSchemaEditor, declared: list[type[models.Model]]) -> None:
    for enum, values in _enums(declared).items():
        for statement in CreateEnum(enum, values).forwards():
            editor.execute(statement, None)
    for model in declared:
        if partition_by := getattr(model, "partition_by", ""):
            with partitioned_tables(editor, partition_by):
                editor.create_model(model)
        else:
            editor.create_model(model)


def _enums(declared: list[type[models.Model]]) -> dict[str, list[str]]:
    fields = [field for model in declared for field in model._meta.local_fields]
    return {field.enum: [value for value, _ in field.flatchoices] for field in fields if isinstance(field, EnumField)}


def _functions() -> list[CreateFunction]:
    """Return each function as the last migration that creates it does: models have no place for functions."""
    loader = MigrationLoader(None)
    latest = {}
    for key in [node for leaf in loader.graph.leaf_nodes() for node in loader.graph.forwards_plan(leaf)]:
        for operation in loader.graph.nodes[key].operations:
            if isinstance(operation, CreateFunction):
                latest[operation.name, operation.arguments] = operation
    return list(latest.values())


def _beside_tables(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Yield the SQL of functions, and of what models list beside their fields, once every table is there."""
    for function in _functions():
        yield from function.statements(_TEMPORARY)
    for model in declared_models(connection):
        table = model._meta.db_table
        for key in getattr(model, "foreign_keys", ()):
            yield from AddForeignKey(table, key).forwards()
        for replacement in getattr(model, "replaced_foreign_keys", ()):
            yield from replacement.statements()
        for trigger in getattr(model, "triggers", ()):
            yield from trigger.statements(table, _TEMPORARY)
        if fillfactor := getattr(model, "fillfactor", None):
            yield from SetFillfactor(table, fillfactor).forwards()

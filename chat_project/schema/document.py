"""docs/schema.md, written from the models and from what PostgreSQL makes of them."""

import inspect
from collections.abc import Iterator
from itertools import groupby

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from chat_project.core.db.rights import APPEND_ONLY_TABLES
from chat_project.schema.catalogue import Catalogue
from chat_project.schema.expected import declared_models, expected_catalogue
from chat_project.schema.purposes import purposes

PATH = settings.BASE_DIR / "docs" / "schema.md"

_SHORT = {"character varying": "varchar", "timestamp with time zone": "timestamptz"}

_HEAD = """\
# The schema

Written by `manage.py schema_docs` from the models and from what PostgreSQL makes of them; `manage.py db_validate`
holds a live database against the same. Don't edit this page: edit the models.

Ids are CUIDs: 25 characters that compare as bytes (`COLLATE "C"`) and so sort by the time at which they were made.
Times are `timestamptz`, in UTC. Every rule has a name, and stands in the database: Python may ask first, but never
alone. Tables that hold what happens in a conversation carry `conversation_id` first in their key, refer to each
other by it, and can be spread by it over machines.
"""


def schema_document(connection: BaseDatabaseWrapper) -> str:
    """Return the page. It is the same on every version of PostgreSQL that is supported."""
    catalogue = expected_catalogue(connection)
    ours = {model._meta.label for app in apps.get_app_configs() if _is_ours(app.path) for model in app.get_models()}
    declared = declared_models(connection)
    lines = [_HEAD, *_enums(catalogue)]
    for label, tables in groupby([m for m in declared if m._meta.label in ours], key=lambda m: m._meta.app_label):
        lines += [f"## {label}", ""]
        for model in sorted(tables, key=lambda m: m._meta.db_table):
            lines += _table(model, catalogue)
    lines += _functions(catalogue)
    named = {model._meta.db_table for model in declared if model._meta.label in ours}
    lines += ["## Django's own tables", "", ", ".join(f"`{name}`" for name in sorted(catalogue.tables.keys() - named))]
    return "\n".join(lines) + "\n"


def _is_ours(path: str) -> bool:
    return path.startswith(str(settings.BASE_DIR)) and "site-packages" not in path


def _enums(catalogue: Catalogue) -> Iterator[str]:
    yield from ("## Enums", "", "| type | values |", "| --- | --- |")
    for name, values in sorted(catalogue.enums.items()):
        yield f"| `{name}` | {' · '.join(values)} |"
    yield ""


def _table(model: type[models.Model], catalogue: Catalogue) -> Iterator[str]:
    table = model._meta.db_table
    yield from (f"### {table}", "", inspect.cleandoc(model.__doc__ or ""), "")
    yield from _storage(model)
    yield from ("| column | type |", "| --- | --- |")
    for field in model._meta.local_concrete_fields:
        column = str(field.column)
        yield f"| {column} | {_cell(catalogue.columns[table, column].definition)} |"
    yield ""
    why = purposes(model)
    for (owner, name), constraint in sorted(catalogue.constraints.items()):
        if owner == table:
            yield _item(name, constraint.definition, why.get(name, ""))
    for (owner, name), index in sorted(catalogue.indexes.items()):
        if owner == table and not index.constraint:
            unique = "UNIQUE " if index.unique else ""
            yield _item(name, f"{unique}INDEX {index.definition.partition(' USING ')[2]}", why.get(name, ""))
    for (owner, name), trigger in sorted(catalogue.triggers.items()):
        if owner == table:
            always = "Whatever session_replication_role says." if trigger.firing == "A" else ""
            yield _item(name, trigger.definition.partition(f"{name} ")[2], always)
    yield ""


def _storage(model: type[models.Model]) -> Iterator[str]:
    facts = []
    if partition_by := getattr(model, "partition_by", ""):
        count = getattr(model, "hash_partitions", 0)
        facts.append(f"Partitioned by {partition_by}: {count or 'one a month'}{' partitions' if count else ''}.")
    if fillfactor := getattr(model, "fillfactor", None):
        facts.append(f"Fillfactor {fillfactor}.")
    if model._meta.db_table in APPEND_ONLY_TABLES:
        facts.append("The server's role reads and adds rows, and nothing else.")
    if facts:
        yield from (" ".join(facts), "")


def _item(name: str, definition: str, purpose: str) -> str:
    return f"- `{name}` `{definition}`" + (f"\n  {purpose}" if purpose else "")


def _functions(catalogue: Catalogue) -> Iterator[str]:
    yield from ("## Functions", "")
    for name, definition in sorted(catalogue.functions.items()):
        yield f"- `{name}` {'with the rights of the owner' if ' SECURITY DEFINER ' in definition else ''}".rstrip()
    yield ""


def _cell(text: str) -> str:
    for long, short in _SHORT.items():
        text = text.replace(long, short)
    return f"`{text}`".replace("|", "\\|")

"""Where the live schema is not what it should be.

What is there besides and does no harm is a remark: an index that somebody tries, a table of another program, a column
on its way out.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TypeVar

from chat_project.schema.catalogue import Catalogue, Column, Constraint, Index, Named, Table, Trigger
from chat_project.schema.findings import Finding

T = TypeVar("T")

# Django's auth makes this key wider in its migration than its own configuration says.
_AS_DJANGO_MAKES_THEM = frozenset({("auth_group_permissions", "id")})


def differences(expected: Catalogue, live: Catalogue) -> Iterator[Finding]:
    """Yield what is missing, different, or in the way."""
    shared = expected.tables.keys() & live.tables.keys()

    def within(things: Mapping[Named, T]) -> dict[Named, T]:
        """Leave out what stands in a table that is missing or unknown: the table says it all."""
        return {name: thing for name, thing in things.items() if name[0] in shared}

    yield from chain(
        _enums(expected.enums, live.enums),
        _tables(expected.tables, live.tables),
        _columns(within(expected.columns), within(live.columns)),
        _constraints(within(expected.constraints), within(live.constraints)),
        _indexes(within(expected.indexes), within(live.indexes)),
        _triggers(within(expected.triggers), within(live.triggers)),
        _functions(expected.functions, live.functions),
    )


def _enums(expected: Mapping[str, list[str]], live: Mapping[str, list[str]]) -> Iterator[Finding]:
    for name, values in sorted(expected.items()):
        there = live.get(name)
        if there is None:
            yield Finding("enum", name, "is missing")
        elif absent := [value for value in values if value not in there]:
            yield Finding("enum", name, f"lacks {', '.join(absent)}")
        elif there != values:
            yield Finding("enum", name, f"has the values {', '.join(there)}, should have {', '.join(values)}")
    for name in sorted(live.keys() - expected.keys()):
        yield Finding("enum", name, "belongs to no model", fails=False)


def _tables(expected: Mapping[str, Table], live: Mapping[str, Table]) -> Iterator[Finding]:
    for name, table in sorted(expected.items()):
        there = live.get(name)
        if there is None:
            yield Finding("table", name, "is missing")
            continue
        if there.partition_key != table.partition_key:
            yield Finding("table", name, _partitioning(there.partition_key, table.partition_key))
        for option in sorted(table.options - there.options):
            yield Finding("table", name, f"lacks the storage option {option}")
    for name in sorted(live.keys() - expected.keys()):
        yield Finding("table", name, "belongs to no model", fails=False)


def _partitioning(live: str, expected: str) -> str:
    return f"is partitioned by {live or 'nothing'}, should be by {expected or 'nothing'}"


def _columns(expected: Mapping[Named, Column], live: Mapping[Named, Column]) -> Iterator[Finding]:
    for name, column in sorted(expected.items()):
        there = live.get(name)
        if there is None:
            yield Finding("column", _dotted(name), "is missing")
        elif there != column and name not in _AS_DJANGO_MAKES_THEM:
            yield Finding("column", _dotted(name), _changed(there.definition, column.definition))
    for name in sorted(live.keys() - expected.keys()):
        if live[name].needs_value:
            yield Finding("column", _dotted(name), "belongs to no model, and refuses rows that do not name it")
        else:
            yield Finding("column", _dotted(name), "belongs to no model", fails=False)


def _constraints(expected: Mapping[Named, Constraint], live: Mapping[Named, Constraint]) -> Iterator[Finding]:
    for name, constraint in sorted(expected.items()):
        there = live.get(name)
        if there is None:
            yield Finding("constraint", _dotted(name), "is missing")
        elif there.definition.removesuffix(" NOT VALID") != constraint.definition:
            yield Finding("constraint", _dotted(name), _changed(there.definition, constraint.definition))
        elif not there.validated:
            yield Finding("constraint", _dotted(name), "is not validated: rows from before it may break it")
    for name in sorted(live.keys() - expected.keys()):
        yield Finding("constraint", _dotted(name), f"belongs to no model: {live[name].definition}")


def _indexes(expected: Mapping[Named, Index], live: Mapping[Named, Index]) -> Iterator[Finding]:
    for name, index in sorted(expected.items()):
        there = live.get(name)
        if there is None:
            # Where a key is missing with its index, the key has said so.
            if not index.constraint:
                yield Finding("index", _dotted(name), "is missing")
        elif there.definition != index.definition and not index.constraint:
            yield Finding("index", _dotted(name), _changed(there.definition, index.definition))
    for name, there in sorted(live.items()):
        if not there.valid:
            yield Finding("index", _dotted(name), "is invalid: no query uses it")
        elif not there.ready:
            yield Finding("index", _dotted(name), "is not ready: writes pass it by")
        elif name not in expected and not there.constraint:
            yield Finding("index", _dotted(name), f"belongs to no model: {there.definition}", fails=there.unique)


def _triggers(expected: Mapping[Named, Trigger], live: Mapping[Named, Trigger]) -> Iterator[Finding]:
    for name, trigger in sorted(expected.items()):
        yield from trigger_differences(_dotted(name), trigger, live.get(name))
    for name in sorted(live.keys() - expected.keys()):
        yield Finding("trigger", _dotted(name), f"belongs to no model: {live[name].definition}")


def trigger_differences(name: str, expected: Trigger, live: Trigger | None) -> Iterator[Finding]:
    """Yield what is wrong with one trigger."""
    if live is None:
        yield Finding("trigger", name, "is missing")
    elif live.definition != expected.definition:
        yield Finding("trigger", name, _changed(live.definition, expected.definition))
    elif live.firing == "D":
        yield Finding("trigger", name, "is disabled")
    elif live.firing != expected.firing:
        yield Finding("trigger", name, f"fires as {live.firing}, should as {expected.firing} (pg_trigger.tgenabled)")


def _functions(expected: Mapping[str, str], live: Mapping[str, str]) -> Iterator[Finding]:
    for name, definition in sorted(expected.items()):
        there = live.get(name)
        if there is None:
            yield Finding("function", name, "is missing")
        elif there != definition:
            yield Finding("function", name, "is not the one that the migrations make")
    for name in sorted(live.keys() - expected.keys()):
        yield Finding("function", name, "belongs to no migration", fails=False)


def _dotted(name: Named) -> str:
    return ".".join(name)


def _changed(live: str, expected: str) -> str:
    return f"is {live}, should be {expected}"

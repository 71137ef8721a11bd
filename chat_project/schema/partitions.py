"""Whether every partition is there, with its own part of every index and trigger."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import LiteralString

from django.db import models
from django.db.backends.utils import CursorWrapper

from chat_project.core.db.cuid import cuid_floor
from chat_project.schema.catalogue import Catalogue, Trigger
from chat_project.schema.differences import trigger_differences
from chat_project.schema.findings import Finding

# With fewer months than this the daily task has failed for long, and the log is about to refuse rows.
MONTHS_NEEDED = 3

_PARTITIONS: LiteralString = """
    SELECT parent.relname, child.relname, pg_get_expr(child.relpartbound, child.oid)
    FROM pg_inherits AS link
    JOIN pg_class AS parent ON parent.oid = link.inhparent
    JOIN pg_class AS child ON child.oid = link.inhrelid
    WHERE parent.relnamespace = current_schema()::regnamespace AND parent.relkind = 'p' AND NOT link.inhdetachpending
    ORDER BY child.relname
"""

_TRIGGERS: LiteralString = """
    SELECT child.relname, trigger.tgname, pg_get_triggerdef(trigger.oid, true), trigger.tgenabled::text
    FROM pg_class AS child JOIN pg_trigger AS trigger ON trigger.tgrelid = child.oid
    WHERE child.relnamespace = current_schema()::regnamespace AND child.relispartition AND NOT trigger.tgisinternal
"""

# A partitioned index has a part on each partition; `valid` is null where there is none.
_INDEX_PARTS: LiteralString = """
    SELECT whole_name.relname, child.relname, part.indisvalid AND part.indisready
    FROM pg_index AS whole
    JOIN pg_class AS whole_name ON whole_name.oid = whole.indexrelid AND whole_name.relkind = 'I'
    JOIN pg_inherits AS link ON link.inhparent = whole.indrelid
    JOIN pg_class AS child ON child.oid = link.inhrelid
    LEFT JOIN (
        pg_index AS part JOIN pg_inherits AS part_link ON part_link.inhrelid = part.indexrelid
    ) ON part.indrelid = child.oid AND part_link.inhparent = whole.indexrelid
    WHERE child.relnamespace = current_schema()::regnamespace
        AND (part.indexrelid IS NULL OR NOT (part.indisvalid AND part.indisready))
    ORDER BY child.relname, whole_name.relname
"""


@dataclass(frozen=True)
class _Partition:
    name: str
    bound: str


def partition_findings(
    cursor: CursorWrapper, declared: list[type[models.Model]], expected: Catalogue, live: Catalogue
) -> Iterator[Finding]:
    """Yield the partitions that are missing, and what is missing on those that are there."""
    partitions = _read_partitions(cursor)
    for model in declared:
        table = model._meta.db_table
        if table not in live.tables:
            continue
        if count := getattr(model, "hash_partitions", 0):
            yield from _hash_findings(table, count, partitions[table])
        if months := getattr(model, "months_ahead", 0):
            yield from _month_findings(table, months, partitions[table])
    yield from _index_findings(cursor)
    yield from _trigger_findings(cursor, expected, partitions)


def _read_partitions(cursor: CursorWrapper) -> dict[str, list[_Partition]]:
    cursor.execute(_PARTITIONS)
    partitions = defaultdict(list)
    for parent, name, bound in cursor.fetchall():
        partitions[parent].append(_Partition(name, bound))
    return partitions


def _hash_findings(table: str, count: int, partitions: list[_Partition]) -> Iterator[Finding]:
    """Yield each share of the hash that no partition holds; shares may have been divided further."""
    shares = [(int(modulus), int(rest)) for p in partitions for modulus, rest in [re.findall(r"\d+", p.bound)]]
    for remainder in range(count):
        held = sum(Fraction(count, m) for m, rest in shares if m % count == 0 and rest % count == remainder)
        if held < 1:
            yield Finding("table", table, f"lacks the partition of remainder {remainder} of {count}, or a part of it")


def _month_findings(table: str, months: int, partitions: list[_Partition]) -> Iterator[Finding]:
    """Yield the months without a partition; those that are still far away are one remark."""
    ranges = [bounds for p in partitions if len(bounds := re.findall(r"'(\w+)'", p.bound)) == 2]
    missing = []
    for ahead in range(months + 1):
        first, following = cuid_floor(_month(ahead)), cuid_floor(_month(ahead + 1))
        if not any(low <= first and following <= high for low, high in ranges):
            missing.append(ahead)
    for ahead in missing:
        if ahead <= MONTHS_NEEDED:
            yield Finding("table", table, f"lacks the partition of {_month(ahead):%Y-%m}")
    if missing and missing[0] > MONTHS_NEEDED:
        yield Finding("table", table, f"has partitions for {missing[0] - 1} months ahead, not {months}", fails=False)


def _month(ahead: int) -> datetime:
    today = datetime.now(UTC)
    year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def _index_findings(cursor: CursorWrapper) -> Iterator[Finding]:
    cursor.execute(_INDEX_PARTS)
    for index, partition, valid in cursor.fetchall():
        yield Finding("index", f"{partition}.{index}", "is missing" if valid is None else "is invalid")


def _trigger_findings(
    cursor: CursorWrapper, expected: Catalogue, partitions: dict[str, list[_Partition]]
) -> Iterator[Finding]:
    cursor.execute(_TRIGGERS)
    live = {(row[0], row[1]): Trigger(row[2], row[3]) for row in cursor.fetchall()}
    for (table, name), trigger in sorted(expected.triggers.items()):
        for partition in partitions.get(table, ()):
            wanted = Trigger(trigger.definition.replace(f" ON {table} ", f" ON {partition.name} "), trigger.firing)
            there = live.get((partition.name, name))
            yield from trigger_differences(f"{partition.name}.{name}", wanted, there)

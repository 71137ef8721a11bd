"""The live database held against the models and what they list.

The expected schema is made, read back and rolled away (see `chat_project.schema.expected`); both are then compared
object by object, by name and by PostgreSQL's own words for its definition. Comparing names and columns alone would
miss a check that was loosened, a predicate that lost a case, an ON DELETE that changed; comparing with SQL of ours
would find differences of spelling. What the models can't say is asked of the catalogue: partitions, rights, triggers
that do not fire.
"""

from collections.abc import Iterator
from itertools import chain
from typing import LiteralString

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor

from chat_project.schema.catalogue import read_catalogue
from chat_project.schema.differences import differences
from chat_project.schema.enforcement import enforcement_findings
from chat_project.schema.expected import declared_models, expected_catalogue
from chat_project.schema.findings import Finding, Report
from chat_project.schema.partitions import partition_findings
from chat_project.schema.server_rights import rights_findings

# In small tables a sequential scan beats every index, so that nothing can be learnt from them.
_UNUSED_INDEXES: LiteralString = """
    SELECT
        coalesce(root.relname, class.relname),
        coalesce(root_index.relname, stats.indexrelname),
        (SELECT stats_reset::date FROM pg_stat_database WHERE datname = current_database())
    FROM pg_stat_user_indexes AS stats
    JOIN pg_stat_user_tables AS table_stats USING (relid)
    JOIN pg_index AS index USING (indexrelid)
    JOIN pg_class AS class ON class.oid = stats.relid
    LEFT JOIN pg_class AS root ON class.relispartition AND root.oid = pg_partition_root(stats.relid)
    LEFT JOIN pg_class AS root_index ON class.relispartition AND root_index.oid = pg_partition_root(stats.indexrelid)
    WHERE class.relnamespace = current_schema()::regnamespace AND NOT index.indisunique
    GROUP BY 1, 2
    HAVING sum(stats.idx_scan) = 0 AND sum(table_stats.n_live_tup) >= 1000
    ORDER BY 1, 2
"""


def validate(connection: BaseDatabaseWrapper, server_role: str) -> Report:
    """Return what is wrong with the database that `connection` speaks to, and what is merely worth knowing.

    It reads the catalogue, and needs no right but TEMPORARY; `server_role` is whose rights are judged.
    """
    report = Report()
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        # Before the expected schema stands in the way: temporary names hide the live ones.
        live = read_catalogue(cursor)
        expected = expected_catalogue(connection)
        for found in chain(
            _unapplied_migrations(connection),
            differences(expected, live),
            partition_findings(cursor, declared_models(connection), expected, live),
            enforcement_findings(cursor),
            rights_findings(cursor, server_role),
            _unused_indexes(cursor),
        ):
            report.add(found)
    return report


def _unapplied_migrations(connection: BaseDatabaseWrapper) -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Finding("migration", f"{migration.app_label}.{migration.name}", "is not applied")


def _unused_indexes(cursor: CursorWrapper) -> Iterator[Finding]:
    cursor.execute(_UNUSED_INDEXES)
    for table, index, counted_since in cursor.fetchall():
        since = f"since {counted_since}" if counted_since else "yet"
        yield Finding("index", f"{table}.{index}", f"no query has used it {since}", fails=False)

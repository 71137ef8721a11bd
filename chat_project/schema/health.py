"""What `db_health` asks of a database: sizes, use, statistics, slow queries, replication."""

from typing import Any, LiteralString

from django.db import connection

_TABLES: LiteralString = """
    SELECT
        coalesce(root.relname, class.relname) AS "table",
        sum(greatest(class.reltuples, 0))::bigint AS "rows",
        sum(pg_relation_size(class.oid))::bigint AS bytes,
        sum(pg_indexes_size(class.oid))::bigint AS index_bytes,
        sum(coalesce(stat.n_dead_tup, 0))::bigint AS dead_rows,
        sum(coalesce(stat.n_tup_ins, 0))::bigint AS inserted,
        sum(coalesce(stat.n_tup_del, 0))::bigint AS deleted,
        to_char(
            max(greatest(stat.last_analyze, stat.last_autoanalyze)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
        ) AS analyzed_at
    FROM pg_class AS class
    LEFT JOIN pg_class AS root ON class.relispartition AND root.oid = pg_partition_root(class.oid)
    LEFT JOIN pg_stat_user_tables AS stat ON stat.relid = class.oid
    WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind = 'r'
    GROUP BY 1 ORDER BY sum(pg_total_relation_size(class.oid)) DESC, 1
"""
_INDEXES: LiteralString = """
    SELECT
        coalesce(parent.relname, class.relname) AS "index",
        sum(stat.idx_scan)::bigint AS scans,
        sum(pg_relation_size(class.oid))::bigint AS bytes
    FROM pg_stat_user_indexes AS stat
    JOIN pg_class AS class ON class.oid = stat.indexrelid
    LEFT JOIN pg_inherits AS inherits ON inherits.inhrelid = class.oid
    LEFT JOIN pg_class AS parent ON parent.oid = inherits.inhparent
    WHERE stat.schemaname = current_schema()
    GROUP BY 1 ORDER BY 2, 3 DESC, 1
"""
_COLUMNS: LiteralString = """
    SELECT count(DISTINCT tablename)::bigint AS tables_with_statistics, count(*)::bigint AS columns_with_statistics
    FROM pg_stats WHERE schemaname = current_schema()
"""
_CONNECTIONS: LiteralString = """
    SELECT
        current_setting('max_connections')::integer AS "limit",
        count(*)::integer AS open,
        count(*) FILTER (WHERE state = 'active')::integer AS active,
        count(*) FILTER (WHERE wait_event_type = 'Lock')::integer AS waiting_for_locks,
        coalesce(extract(epoch FROM max(now() - xact_start)), 0)::integer AS longest_transaction_seconds
    FROM pg_stat_activity WHERE datname = current_database()
"""
_SERVER: LiteralString = """
    SELECT
        current_setting('server_version') AS version,
        pg_is_in_recovery() AS is_replica,
        pg_database_size(current_database())::bigint AS bytes,
        round(100.0 * blks_hit / greatest(blks_hit + blks_read, 1), 2)::float AS cache_hit_percent,
        deadlocks::bigint, xact_rollback::bigint AS rollbacks
    FROM pg_stat_database WHERE datname = current_database()
"""
_REPLICAS: LiteralString = """
    SELECT
        application_name AS name, state,
        pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint AS behind_bytes,
        coalesce(extract(epoch FROM replay_lag), 0)::float AS behind_seconds
    FROM pg_stat_replication
"""
_HAS_STATEMENTS: LiteralString = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')"
_SLOW: LiteralString = """
    SELECT
        left(regexp_replace(query, '\\s+', ' ', 'g'), 200) AS query, calls::bigint,
        mean_exec_time::float AS mean_milliseconds, total_exec_time::float AS total_milliseconds
    FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY mean_exec_time DESC LIMIT 20
"""
_PARTITIONS: LiteralString = """
    SELECT
        root.relname AS "table", class.relname AS partition,
        greatest(class.reltuples, 0)::bigint AS "rows", pg_total_relation_size(class.oid)::bigint AS bytes
    FROM pg_class AS class JOIN pg_class AS root ON root.oid = pg_partition_root(class.oid)
    WHERE class.relispartition AND class.relkind = 'r' AND class.relnamespace = current_schema()::regnamespace
    ORDER BY 1, 2
"""


def measure_database() -> dict[str, Any]:
    """Return what is known of the database. Raises DatabaseError where it does not answer.

    Slow queries are null without pg_stat_statements; replicas are the server's own view of them.
    """
    server = _rows(_SERVER)[0]
    return {
        "server": server,
        "connections": _rows(_CONNECTIONS)[0],
        "tables": _rows(_TABLES),
        "indexes": _rows(_INDEXES),
        "statistics": _rows(_COLUMNS)[0],
        "slow_queries": _rows(_SLOW) if _rows(_HAS_STATEMENTS)[0]["exists"] else None,
        "replicas": [] if server["is_replica"] else _rows(_REPLICAS),
    }


def measure_partitions() -> list[dict[str, Any]]:
    """Return each partition with its table, rows as they were estimated last, and bytes."""
    return _rows(_PARTITIONS)


def _rows(statement: LiteralString) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

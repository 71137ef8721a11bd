import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connection
from psycopg_pool import PoolTimeout

from chat_project.core.db.replica import measure_lag
from chat_project.schema.health import measure_database

_MEBIBYTE = 1024 * 1024
_SHOWN = 15


class Command(BaseCommand):
    help = (
        "Say how the database is: version, size, connections and pool, tables, use of indexes, column statistics, slow "
        "queries (where pg_stat_statements is there) and replicas. It changes nothing. Exit code 1 where the database "
        "does not answer."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Write everything as one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            health = measure_database()
        except (DatabaseError, PoolTimeout) as error:
            raise CommandError(f"The database does not answer: {type(error).__name__}.") from error
        health["pool"] = _pool()
        health["replica"] = _replica()
        if options["json"]:
            self.stdout.write(json.dumps(health, indent=2))
        else:
            self._write(health)

    def _write(self, health: dict[str, Any]) -> None:
        for part in ("server", "connections", "pool", "statistics"):
            told = ", ".join(f"{name} {value}" for name, value in (health[part] or {}).items())
            self.stdout.write(f"{part}: {told or 'none in use'}")
        for table in health["tables"][:_SHOWN]:
            size = (table["bytes"] + table["index_bytes"]) / _MEBIBYTE
            self.stdout.write(
                f"table {table['table']}: {table['rows']} rows, {size:.1f} MiB, {table['dead_rows']} dead"
            )
        unused = [index["index"] for index in health["indexes"] if not index["scans"]]
        self.stdout.write(f"indexes: {len(health['indexes'])}, of which nobody has used {len(unused)}")
        if health["slow_queries"] is None:
            self.stdout.write("slow queries: pg_stat_statements is not there; the log has them")
        for query in health["slow_queries"] or ():
            self.stdout.write(f"{query['mean_milliseconds']:.1f} ms, {query['calls']} times: {query['query']}")
        for replica in health["replicas"]:
            told = f"{replica['behind_bytes']} bytes, {replica['behind_seconds']:.1f} s behind"
            self.stdout.write(f"replica {replica['name']}: {replica['state']}, {told}")
        if health["replica"] is not None:
            told = ", ".join(f"{name} {value}" for name, value in health["replica"].items())
            self.stdout.write(f"replica of REPLICA_URL: {told}")


def _replica() -> dict[str, Any] | None:
    """Return how far REPLICA_URL's server is behind, as both say; the primary's own list is for its superuser."""
    if not settings.REPLICA_URL:
        return None
    try:
        lag = measure_lag()
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        return {"error": type(error).__name__}
    return {"error": "it is no replica"} if lag is None else asdict(lag)


def _pool() -> dict[str, int] | None:
    if not connection.settings_dict.get("OPTIONS", {}).get("pool"):
        return None
    pool: Any = getattr(connection, "pool", None)
    return None if pool is None else dict(pool.get_stats())

"""What a balancer and an operator ask: is the process alive, and can it serve?"""

import os
import secrets
import shutil
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from attachments import scanner
from chat_project.core.addresses import client_address, is_loopback
from chat_project.core.cache import redis_client, redis_key
from chat_project.core.db.replica import measure_lag
from chat_project.worker import WORKER_KEY

_MEBIBYTE = 1024 * 1024
# Below it the machine's other programs are next to fail.
_FREE_BYTES = 256 * _MEBIBYTE
_OWNS_TABLES = """
    SELECT rolsuper OR pg_has_role(current_user, class.relowner, 'USAGE')
    FROM pg_roles, pg_class AS class
    WHERE rolname = current_user AND class.oid = to_regclass('audit_logs')
"""


class _DownError(Exception):
    """A part does not do its work; the text says why."""


def alive(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process runs; asks nothing of any other part."""
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 while PostgreSQL answers and its migrations are applied, else 503.

    The state of each part is for this machine and for who has METRICS_TOKEN.
    """
    parts = measure_parts()
    down = parts["database"]["status"] == "down"
    degraded = any(part["status"] == "down" for part in parts.values())
    answer: dict[str, Any] = {"status": "down" if down else "degraded" if degraded else "ok"}
    if may_see_details(request):
        answer["parts"] = parts
    return JsonResponse(answer, status=503 if down else 200)


def measure_parts() -> dict[str, dict[str, Any]]:
    """Return each part's `status` (ok, down, off), the `milliseconds` that the question took, and a `detail`."""
    parts = {
        "database": _measured(check_database),
        "redis": _measured(_check_redis),
        "storage": _measured(_check_storage),
        "scanner": _measured(_check_scanner) if scanner.is_configured() else _part("off", 0, "CLAMD_URL is not set"),
        "worker": _measured(_check_worker),
    }
    if settings.REPLICA_URL:
        parts["replica"] = _measured(_check_replica)
    return parts


def may_see_details(request: HttpRequest) -> bool:
    """Tell whether who asks is this machine itself, through no proxy, or has METRICS_TOKEN."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return secrets.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    if {"X-Forwarded-For", "X-Real-Ip", "Forwarded"} & request.headers.keys():
        return False
    return is_loopback(client_address(peer=request.META.get("REMOTE_ADDR"), forwarded_for=""))


def check_database() -> str:
    """Return what there is to remark. Raises an error where the database does not serve."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _DownError("migrations are not applied")
    with connection.cursor() as cursor:
        cursor.execute(_OWNS_TABLES)
        row = cursor.fetchone()
    return "the server's role owns the tables: give MIGRATION_DATABASE_URL" if row and row[0] else ""


def _measured(check: Callable[[], str]) -> dict[str, Any]:
    started = time.perf_counter()
    status = "ok"
    try:
        detail = check()
    except _DownError as failure:
        status, detail = "down", str(failure)
    except (DatabaseError, PoolTimeout, RedisError, OSError) as failure:
        # What the libraries say of it names hosts and people's roles.
        status, detail = "down", type(failure).__name__
    return _part(status, (time.perf_counter() - started) * 1000, detail)


def _part(status: str, milliseconds: float, detail: str) -> dict[str, Any]:
    return {"status": status, "milliseconds": round(milliseconds, 1), "detail": detail}


def _check_redis() -> str:
    redis_client().ping()
    return ""


def _check_replica() -> str:
    lag = measure_lag()
    if lag is None:
        raise _DownError("REPLICA_URL names no replica")
    if lag.behind_seconds > settings.REPLICA_LAG_SECONDS:
        raise _DownError(f"{lag.behind_seconds:.0f} seconds behind")
    return f"{lag.behind_bytes} bytes behind"


def _check_storage() -> str:
    if location := getattr(default_storage, "base_location", None):
        folder = location if os.path.isdir(location) else settings.DATA_DIR
        if not os.access(folder, os.W_OK | os.X_OK):
            raise _DownError("the directory can't be written")
        if (free := shutil.disk_usage(folder).free) < _FREE_BYTES:
            raise _DownError(f"{free // _MEBIBYTE} MiB are free")
        return ""
    try:
        default_storage.exists("readyz")
    except (BotoCoreError, ClientError) as error:
        raise _DownError(type(error).__name__) from error
    return ""


def _check_scanner() -> str:
    if not scanner.answers():
        raise _DownError("clamd does not answer as it should")
    return ""


def _check_worker() -> str:
    if not redis_client().exists(redis_key(WORKER_KEY)):
        raise _DownError("no worker has said that it lives")
    return ""

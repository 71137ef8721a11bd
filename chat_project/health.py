"""What a balancer and an operator ask: is the process alive, and can it serve?"""

import time
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError


def alive(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process runs; asks nothing of any other part."""
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 while PostgreSQL answers and its migrations are applied, else 503, with the state of each part."""
    parts = {
        "database": _measured(_check_database, DatabaseError, PoolTimeout),
        "redis": _measured(_check_redis, RedisError, OSError),
    }
    down = parts["database"]["status"] != "ok"
    degraded = any(part["status"] != "ok" for part in parts.values())
    status = "down" if down else "degraded" if degraded else "ok"
    return JsonResponse({"status": status, "parts": parts}, status=503 if down else 200)


def _measured(check: Callable[[], str], *failures: type[Exception]) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        problem = check()
    except failures as failure:
        problem = type(failure).__name__
    return {
        "status": "down" if problem else "ok",
        "milliseconds": round((time.perf_counter() - started) * 1000, 1),
        "detail": problem,
    }


def _check_database() -> str:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return "migrations are not applied"
    return ""


def _check_redis() -> str:
    cache.get("readyz")
    return ""

"""/metrics, as Prometheus reads it: what all processes of this machine counted, and what is asked when it is read."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from psycopg_pool import PoolTimeout

from chat_project.core import metrics
from chat_project.core.db.replica import Lag, measure_lag
from chat_project.health import may_see_details
from chat_project.serving.programs import MEDIA_QUEUE, SMALL_QUEUES

QUEUES = (*SMALL_QUEUES, MEDIA_QUEUE)
# To ask for the sizes of all tables takes milliseconds, and they don't change between two scrapes.
_SIZES_SECONDS = 60
_POOL_SECONDS = 5
_SIZES = """
    SELECT coalesce(root.relname, class.relname), sum(pg_total_relation_size(class.oid))::bigint
    FROM pg_class AS class
    LEFT JOIN pg_class AS root ON class.relispartition AND root.oid = pg_partition_root(class.oid)
    WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind = 'r'
    GROUP BY 1
"""


class MetricsMiddleware:
    """Counts requests and their time by route, which has few values, and now and then looks at the pool."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._children: dict[tuple[str, str, str], Any] = {}
        self._pool_at = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        key = (match.route if match else "", _method(request), f"{response.status_code // 100}xx")
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = metrics.REQUESTS.labels(*key)
        ended = time.perf_counter()
        child.observe(ended - started)
        if ended > self._pool_at:
            self._pool_at = ended + _POOL_SECONDS
            _look_at_pool()
        return response


def show_metrics(request: HttpRequest) -> HttpResponse:
    """Answer with all metrics as text, to this machine or who has METRICS_TOKEN; 403 to others."""
    if not may_see_details(request):
        return HttpResponseForbidden("METRICS_TOKEN is wanted.\n", content_type="text/plain")
    _forget_the_dead()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(settings.METRICS_DIR))
    registry.register(_Asked())
    return HttpResponse(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


class _Asked(Collector):
    """What nobody counts: it is asked of PostgreSQL and Redis. What is down leaves its numbers out."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("chat_up", "Whether a part answers.", labels=["part"])
        try:
            sizes: dict[str, int] = cache.get_or_set("metrics:sizes", _sizes, _SIZES_SECONDS) or {}
            tables = GaugeMetricFamily("chat_table_bytes", "Size of a table with its indexes.", labels=["table"])
            for table, size in sizes.items():
                tables.add_metric([table], size)
            yield tables
            yield GaugeMetricFamily("chat_database_bytes", "Size of the database.", value=sum(sizes.values()))
            up.add_metric(["database"], 1)
        except (DatabaseError, PoolTimeout):
            up.add_metric(["database"], 0)
        except redis.RedisError:
            # The queues below say so.
            pass
        try:
            yield _queues()
            up.add_metric(["redis"], 1)
        except redis.RedisError:
            up.add_metric(["redis"], 0)
        if settings.REPLICA_URL:
            lag = _lag()
            up.add_metric(["replica"], lag is not None)
            if lag is not None:
                yield GaugeMetricFamily("chat_replica_behind_bytes", "Of WAL, to apply.", value=lag.behind_bytes)
                yield GaugeMetricFamily("chat_replica_behind_seconds", "Age of its state.", value=lag.behind_seconds)
        yield up


def _lag() -> Lag | None:
    try:
        return measure_lag()
    except (DatabaseError, InterfaceError, PoolTimeout):
        return None


def _sizes() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_SIZES)
        return dict(cursor.fetchall())


def _queues() -> GaugeMetricFamily:
    found = GaugeMetricFamily("chat_queue_length", "Tasks that wait.", labels=["queue"])
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    with redis.Redis.from_url(settings.BROKER_REDIS_URL, socket_timeout=2, socket_connect_timeout=1) as client:
        for queue in QUEUES:
            found.add_metric([queue], client.llen(f"{prefix}{queue}"))
    return found


def _look_at_pool() -> None:
    pool = getattr(connection, "pool", None) if settings.DATABASES["default"]["OPTIONS"].get("pool") else None
    if pool is None:
        return
    numbers = pool.get_stats()
    metrics.POOL.labels("open").set(numbers.get("pool_size", 0))
    metrics.POOL.labels("idle").set(numbers.get("pool_available", 0))
    metrics.POOL_WAITING.set(numbers.get("requests_waiting", 0))


def _forget_the_dead() -> None:
    """Take out the sockets and connections of processes that ended; what they counted stays."""
    for file in Path(settings.METRICS_DIR).glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not _lives(int(pid)):
            mark_process_dead(int(pid), path=str(settings.METRICS_DIR))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _method(request: HttpRequest) -> str:
    return request.method if request.method in ("GET", "POST", "PUT", "PATCH", "DELETE") else "other"

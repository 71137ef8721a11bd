"""What is counted as it happens, for /metrics: an addition to a number in memory that the host's processes share.

Labels have few values, and never an id, an address or anything that somebody typed.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Histogram(
    "chat_request_seconds",
    "HTTP requests by route, method and class of status.",
    ("route", "method", "status"),
    buckets=_FAST,
)
SOCKETS = Gauge("chat_sockets", "Sockets that are open.", multiprocess_mode="livesum")
EVENTS = Counter("chat_events_total", "Events that were told, by kind; message.created are sends.", ("event",))
FRAMES = Counter("chat_frames_total", "Frames that were queued for sockets.")
DELIVERY = Histogram(
    "chat_delivery_seconds",
    "From a message's commit time to its frames in the queues of the process' sockets.",
    buckets=_FAST,
)
FAN_OUT = Histogram(
    "chat_fan_out_seconds",
    "How long one event took to be written to all sockets of the process.",
    buckets=(0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1),
)
CACHE = Counter("chat_cache_reads_total", "Reads of the cache, by result.", ("result",))
SLOW_QUERIES = Counter("chat_slow_queries_total", "Queries that took longer than SLOW_QUERY_MILLISECONDS.")
REPLICA_READS = Counter(
    "chat_replica_reads_total",
    "Reads that a replica may serve: replica, or why the primary did: written, behind, failed.",
    ("result",),
)
FILES = Counter("chat_files_total", "Files that were checked, by what became of them.", ("status",))
FILE_STEPS = Histogram(
    "chat_file_step_seconds",
    "Steps of the check of files. `media` holds those that a decoding process does, and `store`.",
    ("step",),
    buckets=(0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)
POOL = Gauge("chat_pool_connections", "Connections of the process' pool.", ("state",), multiprocess_mode="livesum")
POOL_WAITING = Gauge("chat_pool_waiting", "Threads that wait for a connection.", multiprocess_mode="livesum")

CACHE_HITS = CACHE.labels("hit")
CACHE_MISSES = CACHE.labels("miss")


_children: dict[str, Counter] = {}


@contextmanager
def timed_step(step: str) -> Iterator[None]:
    """Note how long a step of a file's check takes, however it ends."""
    with FILE_STEPS.labels(step).time():
        yield


def count_event(event: object) -> None:
    """Count what is told. What is told between processes alone goes by the name of its class."""
    kind = str(getattr(event, "event", type(event).__name__))
    child = _children.get(kind)
    if child is None:
        child = _children[kind] = EVENTS.labels(kind)
    child.inc()


def observe_delivery(created_at: object) -> None:
    """Note how long ago a message was made, as its payload writes it."""
    made = datetime.fromisoformat(created_at) if isinstance(created_at, str) else created_at
    if isinstance(made, datetime):
        DELIVERY.observe(max(0.0, time.time() - made.timestamp()))

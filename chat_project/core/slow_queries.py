"""The log of slow queries: their text, which holds no values, and how long they took."""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from chat_project.core import metrics

logger = logging.getLogger(__name__)
TEXT_MAX = 2000
# The rows of an INSERT, all alike.
_MORE_ROWS = re.compile(r"(\(%s[^()]*\))(?:, \1)+")


def watch_connections() -> None:
    """Have every connection of Django's say what took longer than SLOW_QUERY_MILLISECONDS; 0 is never."""
    if settings.SLOW_QUERY_MILLISECONDS:
        connection_created.connect(_watch, dispatch_uid="slow_queries")


def _watch(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    # The signal comes with each connection that the pool lends.
    if _timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(_timed)


def _timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        milliseconds = (time.perf_counter() - started) * 1000
        if milliseconds >= settings.SLOW_QUERY_MILLISECONDS:
            metrics.SLOW_QUERIES.inc()
            logger.warning("a query took %d ms: %s", milliseconds, text_of(str(sql)))


def text_of(sql: str) -> str:
    """Return a statement on one line of at most TEXT_MAX characters, with one row of those that it inserts."""
    return _MORE_ROWS.sub(r"\1, …", " ".join(sql.split()))[:TEXT_MAX]

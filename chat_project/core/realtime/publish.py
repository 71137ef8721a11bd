"""How services tell sockets what happened, from whatever thread or process they run in."""

import asyncio
import logging
from collections import defaultdict
from functools import cache, partial
from typing import Any

import redis
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction

from chat_project.core.realtime.events import Event, packed, shards_of
from chat_project.core.realtime.hub import Hub
from chat_project.core.realtime.shards import group_of

logger = logging.getLogger(__name__)

_hub: Hub | None = None


def install_hub(hub: Hub) -> None:
    """Name the hub of this process: what `asgi.py` does, and nobody else."""
    global _hub
    _hub = hub


def process_hub() -> Hub:
    """Return the hub of this process. Raises LookupError where none serves sockets."""
    if _hub is None:
        raise LookupError("this process serves no sockets")
    return _hub


def publish_on_commit(*events: Event) -> None:
    """Publish once the transaction has committed; a Redis that is down fails no committed write."""
    transaction.on_commit(partial(publish, *events), robust=True)


def publish(*events: Event) -> None:
    """Publish now: through this process' hub where it has one, else to the others' over Redis."""
    loop = _hub.loop if _hub is not None else None
    if _hub is None or loop is None:
        _publish_from_outside(events)
    elif _is_running(loop):
        _hub.publish(*events)
    else:
        loop.call_soon_threadsafe(_hub.publish, *events)


def _is_running(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


def _publish_from_outside(events: tuple[Event, ...]) -> None:
    """Publish as a Celery task or a command does: it has no loop, and so no layer, of its own."""
    batches: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        for shard in shards_of(event, settings.REALTIME_SHARDS):
            batches[shard].append(packed(event))
    layer: Any = get_channel_layer()
    prefix = _layer_config()["prefix"]
    for shard, batch in batches.items():
        # No number: this process publishes too seldom to be missed by its numbers; versions tell of the loss.
        message = {"type": "hub.batch", "process": "", "shard": shard, "number": None, "events": batch}
        try:
            _client().publish(f"{prefix}__group__{group_of(shard)}", layer.serialize(message))
        except redis.RedisError as error:
            logger.warning("an event could not be published: %s", type(error).__name__)


def _layer_config() -> dict[str, Any]:
    config: Any = settings.CHANNEL_LAYERS["default"]["CONFIG"]
    return dict(config)


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(_layer_config()["hosts"][0], socket_timeout=2)

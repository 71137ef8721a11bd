"""What tasks carry beside their arguments, and how a worker shows that it lives."""

from contextvars import Token
from typing import Any

from celery import signals

from chat_project.core import audit
from chat_project.core.cache import redis_client, redis_key

HEADER = "request_id"
# What `/readyz` looks for, while a worker lives.
WORKER_KEY = "worker:alive"
WORKER_BEAT_SECONDS = 5
WORKER_GONE_SECONDS = 20

_origins: dict[str, Token[audit.Origin]] = {}


@signals.before_task_publish.connect
def carry_request_id(headers: dict[str, Any], **_: Any) -> None:
    """Give the task the id of the request that asks for it."""
    if request_id := audit.origin.get().request_id:
        headers[HEADER] = request_id


@signals.task_prerun.connect
def take_request_id(task_id: str, task: Any, **_: Any) -> None:
    """Have the task's log lines and audit rows bear the request's id; a task of the clock has its own."""
    request_id = getattr(task.request, HEADER, None) or task_id
    _origins[task_id] = audit.origin.set(audit.Origin(request_id=str(request_id)[:64]))


@signals.task_postrun.connect
def drop_request_id(task_id: str, **_: Any) -> None:
    """Let the next task be of another request."""
    if token := _origins.pop(task_id, None):
        audit.origin.reset(token)


@signals.worker_ready.connect
def show_life(sender: Any, **_: Any) -> None:
    """Say every few seconds that this worker lives, on its own loop: one that hangs says nothing."""
    _say_alive()
    sender.timer.call_repeatedly(WORKER_BEAT_SECONDS, _say_alive)


def _say_alive() -> None:
    redis_client().set(redis_key(WORKER_KEY), "1", ex=WORKER_GONE_SECONDS)

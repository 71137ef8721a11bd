"""The parts of `serve` one by one, each in a place of its own: containers, or several hosts."""

import os
from collections.abc import Sequence
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

from django.conf import settings

from chat_project.embedded import Layout, ServerError
from chat_project.serving import preparation, programs
from chat_project.serving.log import Log
from chat_project.serving.port import listen
from chat_project.serving.probe import when_answered
from chat_project.serving.supervisor import Supervisor

PARTS = ("web", "worker", "media", "beat")


def serve_parts(names: Sequence[str], layout: Layout, log: Log) -> None:
    """Run some parts until a signal asks to stop; the servers, and what `prepare` makes, are there already.

    Raises: ServerError.
    """
    if unknown := set(names) - set(PARTS):
        raise ServerError(f"--parts {sorted(unknown)[0]} is none of {', '.join(PARTS)}")
    if settings.EMBEDDED_DATABASE or not os.environ.get("REDIS_URL"):
        raise ServerError("--parts needs DATABASE_URL and REDIS_URL: the parts meet there")
    preparation.forget_metrics()
    with ExitStack() as stack, Supervisor(log) as supervisor:
        if "worker" in names:
            supervisor.start(programs.worker(queues=programs.SMALL_QUEUES))
        if "media" in names:
            supervisor.start(programs.worker("media", queues=[programs.MEDIA_QUEUE]))
        if "beat" in names:
            supervisor.start(programs.beat(layout))
        if "web" in names:
            _serve_web(stack, supervisor, log)
        else:
            _say_ready(supervisor, log, ", ".join(names))
        supervisor.run()
        log.say("stopping")


def _serve_web(stack: ExitStack, supervisor: Supervisor, log: Log) -> None:
    listener = stack.enter_context(closing(listen(settings.HOST, settings.PORT)))
    for number in range(1, settings.WEB_PROCESSES + 1):
        supervisor.start(programs.web(number, listener))
    address = urlsplit(settings.SITE_URL).netloc
    when_answered(supervisor, listener, host=address, then=lambda: _say_ready(supervisor, log, f"{settings.SITE_URL}/"))


def _say_ready(supervisor: Supervisor, log: Log, what: str) -> None:
    supervisor.mark_ready()
    log.say(f"ready: {what}")

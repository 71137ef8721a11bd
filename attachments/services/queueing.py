"""Asking the worker to check files. The broker may be down: a periodic task sweeps what it was never told of."""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from attachments import scanner
from attachments.models import Attachment
from attachments.models.attachments import UNFINISHED_STATUSES

SWEPT = 100
# How often the sweep comes: what it asked for and nobody took till then, the next one asks for.
SWEEP_SECONDS = 60

logger = logging.getLogger(__name__)


def process_on_commit(row: Attachment) -> None:
    """Have a file checked once the caller's transaction commits."""
    transaction.on_commit(partial(enqueue, "process_attachment", row.conversation_id, row.id), robust=True)


def rescan_on_commit(row: Attachment) -> None:
    """Have a file that is served scanned again once the caller's transaction commits."""
    transaction.on_commit(partial(enqueue, "rescan_attachment", row.conversation_id, row.id), robust=True)


def enqueue_unfinished() -> int:
    """Have files checked that still wait, the longest waiting first. Return how many."""
    if scanner.is_configured() and not scanner.answers():
        logger.warning("files wait for the scanner, which does not answer")
        return 0
    waiting = Attachment.objects.filter(status__in=UNFINISHED_STATUSES[1:], is_processed=False)
    keys = list(waiting.order_by("id").values_list("conversation_id", "id")[:SWEPT])
    for key in keys:
        enqueue("process_attachment", *key, expires=SWEEP_SECONDS)
    return len(keys)


def enqueue(task: str, *args: str, expires: int | None = None) -> None:
    """Ask the worker for one of attachments' tasks. Where the broker is down, the sweep will."""
    try:
        current_app.send_task(f"attachments.tasks.{task}", args=args, expires=expires)
    except OperationalError as error:
        logger.warning("a file waits for the sweep: %s", type(error).__name__)

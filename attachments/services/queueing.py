"""Asking the worker to check a file. The broker may be down: a periodic task sweeps what it was never told of."""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from attachments.models import Attachment
from attachments.models.attachments import UNFINISHED_STATUSES

SWEPT = 100

logger = logging.getLogger(__name__)


def process_on_commit(row: Attachment) -> None:
    """Have a file checked once the caller's transaction commits."""
    transaction.on_commit(partial(_enqueue, row.conversation_id, row.id), robust=True)


def enqueue_unfinished() -> int:
    """Have files checked that still wait, the longest waiting first. Return how many."""
    waiting = Attachment.objects.filter(status__in=UNFINISHED_STATUSES[1:], is_processed=False)
    keys = list(waiting.order_by("id").values_list("conversation_id", "id")[:SWEPT])
    for key in keys:
        _enqueue(*key)
    return len(keys)


def _enqueue(conversation_id: str, attachment_id: str) -> None:
    try:
        current_app.send_task("attachments.tasks.process_attachment", args=[conversation_id, attachment_id])
    except OperationalError as error:
        logger.warning("a file waits for the sweep: %s", type(error).__name__)

"""Attachments' tasks; the work and its rules are in services."""

from celery import shared_task
from django.db import OperationalError

from attachments.errors import ScannerUnavailableError
from attachments.services import pipeline, quarantine, queueing, rescanning, retention

# What decodes has limits of its own, which are shorter: these are for a storage or a scanner that hangs.
_SOFT_SECONDS, _SECONDS = 600, 630


@shared_task(
    acks_late=True,
    reject_on_worker_lost=True,
    autoretry_for=(Exception,),
    retry_backoff=True,
    retry_backoff_max=60,
    max_retries=3,
    soft_time_limit=_SOFT_SECONDS,
    time_limit=_SECONDS,
)
def process_attachment(conversation_id: str, attachment_id: str) -> None:
    """Check one file. Safe to run twice, and to be killed anywhere; what still fails, the sweep brings again."""
    pipeline.process(conversation_id=conversation_id, attachment_id=attachment_id)


@shared_task(acks_late=True)
def sweep_uploads() -> None:
    """Bring again what waits to be checked, to be scanned, or to be taken away. Safe to run twice."""
    queueing.enqueue_unfinished()
    rescanning.enqueue_unscanned()
    quarantine.condemn_known()


@shared_task(
    acks_late=True,
    autoretry_for=(OperationalError, ScannerUnavailableError),
    retry_backoff=True,
    retry_backoff_max=60,
    max_retries=3,
)
def rescan_attachment(conversation_id: str, attachment_id: str) -> None:
    """Scan one file that is served. Safe to run twice, and to be killed anywhere."""
    rescanning.rescan(conversation_id=conversation_id, attachment_id=attachment_id)


@shared_task(acks_late=True)
def condemn_copies(sha256: str) -> None:
    """Take away what has the bytes of an infected file. Safe to run twice; what is left, the sweep brings again."""
    quarantine.condemn_copies(sha256=sha256)


@shared_task(acks_late=True)
def cleanup_incoming() -> None:
    """Delete what was uploaded to nobody. Safe to run twice."""
    retention.sweep_incoming()

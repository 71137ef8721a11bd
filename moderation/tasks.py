"""What runs by the clock; the work is in services."""

from celery import shared_task

from moderation import services


@shared_task
def make_audit_partitions() -> None:
    """Make the audit log's months ahead. Safe to run twice."""
    services.make_audit_partitions()


@shared_task
def seal_audit_log() -> None:
    """Seal what is settled of the audit log. Safe to run twice, and to be killed anywhere."""
    services.seal_audit_log()


@shared_task
def count_day() -> None:
    """Count the figures of today. Safe to run twice."""
    services.count_day()

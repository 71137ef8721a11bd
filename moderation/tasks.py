"""What runs by the clock; the work is in services."""

from celery import shared_task

from moderation import services


@shared_task
def make_audit_partitions() -> None:
    """Make the audit log's months ahead. Safe to run twice."""
    services.make_audit_partitions()

"""What runs by the clock; the work is in services."""

from typing import Any

from celery import shared_task, signals

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
    """Count the figures of today, and of the days before where none was counted. Safe to run twice."""
    services.count_past_days()
    services.count_day()


@signals.beat_init.connect
def count_at_start(**_: Any) -> None:
    """Have a new copy's dashboard filled at once: the clock's first hour is long."""
    count_day.delay()

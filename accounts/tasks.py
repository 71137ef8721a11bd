"""Accounts' tasks; the work and its rules are in services."""

from celery import shared_task

from accounts.services import cleanup


@shared_task(acks_late=True)
def cleanup_sessions() -> None:
    """Delete sessions that ended long ago. Safe to run twice, and to be killed anywhere."""
    cleanup.cleanup_sessions()


@shared_task(acks_late=True)
def cleanup_names() -> None:
    """Open names whose reservation has ended. Safe to run twice."""
    cleanup.cleanup_names()

"""Messaging's tasks; the work and its rules are in services."""

from celery import shared_task

from messaging.services import expiry


@shared_task(acks_late=True)
def expire_messages() -> None:
    """Make tombstones of messages whose time has come. Safe to run twice at once, and to be killed anywhere."""
    expiry.expire_messages()

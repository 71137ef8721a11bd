"""Messaging's tasks; the work and its rules are in services."""

from celery import shared_task

from messaging.services import expiry, pushing


@shared_task(acks_late=True)
def expire_messages() -> None:
    """Make tombstones of messages whose time has come. Safe to run twice at once, and to be killed anywhere."""
    expiry.expire_messages()


@shared_task(acks_late=True)
def push_message(conversation_id: str, message_id: str, session_ids: list[str] | None = None, attempt: int = 0) -> None:
    """Tell devices of a message. Safe to run twice: a device shows one notice a conversation."""
    pushing.push_message(
        conversation_id=conversation_id, message_id=message_id, session_ids=session_ids, attempt=attempt
    )

"""How fast one account may send: 30 messages a second, with bursts of 60, over all processes."""

from channels.db import database_sync_to_async
from django.conf import settings

from chat_project.core.pace import Pace

_messages = Pace("messages", rate=30, burst=60)


def require_pace(sender_id: str, *, messages: int = 1) -> None:
    """Count messages of an account's, or what counts like one. Raises TooManyRequestsError when it sends too fast."""
    if not keeps_pace(sender_id, messages=messages):
        _messages.ask(sender_id)


async def arequire_pace(sender_id: str) -> None:
    """Count one message: `require_pace` for sockets."""
    if not keeps_pace(sender_id):
        await aask_pace(sender_id)


def keeps_pace(sender_id: str, *, messages: int = 1) -> bool:
    """Count messages as far as this process can, without blocking; tell whether that is all: else `aask_pace`.

    Raises TooManyRequestsError.
    """
    return not settings.RATE_LIMITS or _messages.passes(sender_id, amount=messages)


async def aask_pace(sender_id: str) -> None:
    """Count what an account sent over all processes. Raises TooManyRequestsError."""
    await database_sync_to_async(_messages.ask, thread_sensitive=False)(sender_id)

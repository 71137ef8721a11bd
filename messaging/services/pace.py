"""How fast one account may send: 30 messages a second, with bursts of 60, in each process."""

from django.conf import settings

from chat_project.core.pace import Pace

_messages = Pace(rate=30, burst=60)


def require_pace(sender_id: str, *, messages: int = 1) -> None:
    """Count messages of an account's, or what counts like one. Raises TooManyRequestsError when it sends too fast."""
    if settings.RATE_LIMITS:
        _messages.require(sender_id, amount=messages)

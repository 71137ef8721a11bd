from messaging.services.messages import asend_message, send_message
from messaging.services.reading import mark_delivered, mark_read
from messaging.services.typing import announce_typing

__all__ = ["announce_typing", "asend_message", "mark_delivered", "mark_read", "send_message"]

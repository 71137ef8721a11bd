from messaging.services.forwarding import forward_messages
from messaging.services.messages import asend_message, send_message
from messaging.services.reading import mark_delivered, mark_read
from messaging.services.typing import announce_typing

__all__ = ["announce_typing", "asend_message", "forward_messages", "mark_delivered", "mark_read", "send_message"]

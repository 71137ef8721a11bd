from messaging.services.deleting import delete_message
from messaging.services.editing import edit_message
from messaging.services.forwarding import forward_messages
from messaging.services.messages import asend_message, send_message
from messaging.services.pins import pin_message, unpin_message
from messaging.services.reactions import set_reaction, unset_reaction
from messaging.services.reading import mark_delivered, mark_read
from messaging.services.typing import announce_typing

__all__ = [
    "announce_typing",
    "asend_message",
    "delete_message",
    "edit_message",
    "forward_messages",
    "mark_delivered",
    "mark_read",
    "pin_message",
    "send_message",
    "set_reaction",
    "unpin_message",
    "unset_reaction",
]

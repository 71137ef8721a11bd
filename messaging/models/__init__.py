from messaging.models.annotations import MessageMention, MessageReaction
from messaging.models.archives import ArchiveSegment
from messaging.models.edits import MessageEdit
from messaging.models.epochs import DatabaseEpoch
from messaging.models.messages import Message
from messaging.models.receipts import MessageReceipt

__all__ = [
    "ArchiveSegment",
    "DatabaseEpoch",
    "Message",
    "MessageEdit",
    "MessageMention",
    "MessageReaction",
    "MessageReceipt",
]

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.models import User
from chat_project.core.db.fields import CuidField, EnumField
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from conversations.models import Conversation
from messaging.enums import ReceiptType
from messaging.models.messages import Message


class MessageReceipt(models.Model):
    """That a message reached a person, or was read by them; partitioned as messages are."""

    partition_by: ClassVar = "HASH (conversation_id)"
    hash_partitions: ClassVar = 16

    pk = models.CompositePrimaryKey("conversation_id", "message_id", "user_id", "type")
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    message_id = CuidField()
    message = models.ForeignObject(
        Message,
        models.DO_NOTHING,
        from_fields=["conversation_id", "message_id"],
        to_fields=["conversation_id", "id"],
        related_name="receipts",
    )
    user = models.ForeignKey(User, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    type = EnumField(enum="receipt_type", choices=ReceiptType.choices)
    created_at = models.DateTimeField(db_default=Now())

    foreign_keys: ClassVar = [
        ForeignKeyConstraint(
            "message_receipts_message_fk",
            ("conversation_id", "message_id"),
            "messages",
            "CASCADE",
            to_columns=("conversation_id", "id"),
        ),
        ForeignKeyConstraint("message_receipts_user_fk", ("user_id",), "users", "CASCADE"),
    ]

    class Meta:
        db_table = "message_receipts"
        indexes = [
            # A person's receipts, when the account is purged.
            models.Index(fields=["user"], name="message_receipts_user_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.type} of {self.message_id} by {self.user_id}"

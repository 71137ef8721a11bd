from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.models import User
from chat_project.core.db.fields import CuidField, is_json_object
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from conversations.models import Conversation
from messaging.models.messages import Message


class MessageEdit(models.Model):
    """The text of a message before an edit."""

    pk = models.CompositePrimaryKey("conversation_id", "message_id", "edit_no")
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    message_id = CuidField()
    message = models.ForeignObject(
        Message,
        models.DO_NOTHING,
        from_fields=["conversation_id", "message_id"],
        to_fields=["conversation_id", "id"],
        related_name="edits",
    )
    edit_no = models.IntegerField()
    content = models.TextField(default="", db_default="")
    metadata = models.JSONField(default=dict)
    edited_by = models.ForeignKey(
        User, models.DO_NOTHING, related_name="+", null=True, db_constraint=False, db_index=False
    )
    edited_at = models.DateTimeField(db_default=Now())

    foreign_keys: ClassVar = [
        ForeignKeyConstraint(
            "message_edits_message_fk",
            ("conversation_id", "message_id"),
            "messages",
            "CASCADE",
            to_columns=("conversation_id", "id"),
        ),
        ForeignKeyConstraint("message_edits_by_fk", ("edited_by_id",), "users", "SET NULL"),
    ]

    class Meta:
        db_table = "message_edits"
        constraints = [
            models.CheckConstraint(condition=models.Q(edit_no__gte=1), name="message_edits_counted"),
            models.CheckConstraint(condition=is_json_object("metadata"), name="message_edits_metadata_object"),
        ]
        indexes = [
            # Edits past their retention.
            models.Index(fields=["edited_at"], name="message_edits_age_idx"),
            # SET NULL when who edited is purged.
            models.Index(fields=["edited_by"], name="message_edits_by_idx"),
        ]

    def __str__(self) -> str:
        return f"edit {self.edit_no} of {self.message_id}"

"""What people attach to a message: reactions; and whom it names: mentions."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.models import User
from chat_project.core.db.fields import CuidField
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from conversations.models import Conversation
from messaging.models.messages import Message

EMOJI_MAX_LENGTH = 32


class MessageReaction(models.Model):
    """One person's emoji on one message."""

    pk = models.CompositePrimaryKey("conversation_id", "message_id", "user_id", "emoji")
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    message_id = CuidField()
    message = models.ForeignObject(
        Message,
        models.DO_NOTHING,
        from_fields=["conversation_id", "message_id"],
        to_fields=["conversation_id", "id"],
        related_name="reactions",
    )
    user = models.ForeignKey(User, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    emoji = models.CharField(max_length=EMOJI_MAX_LENGTH)
    created_at = models.DateTimeField(db_default=Now())

    foreign_keys: ClassVar = [
        ForeignKeyConstraint(
            "message_reactions_message_fk",
            ("conversation_id", "message_id"),
            "messages",
            "CASCADE",
            to_columns=("conversation_id", "id"),
        ),
        ForeignKeyConstraint("message_reactions_user_fk", ("user_id",), "users", "CASCADE"),
    ]

    class Meta:
        db_table = "message_reactions"
        indexes = [
            # A person's reactions, when the account is exported or purged.
            models.Index(fields=["user"], name="message_reactions_user_idx"),
            # How many and who first: each kind of a message's, of which there may be thousands.
            models.Index(
                fields=["conversation", "message_id", "emoji", "created_at", "user"], name="message_reactions_kinds_idx"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.emoji} on {self.message_id}"


class MessageMention(models.Model):
    """A person whom a message names."""

    pk = models.CompositePrimaryKey("conversation_id", "message_id", "user_id")
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    message_id = CuidField()
    message = models.ForeignObject(
        Message,
        models.DO_NOTHING,
        from_fields=["conversation_id", "message_id"],
        to_fields=["conversation_id", "id"],
        related_name="mentions",
    )
    user = models.ForeignKey(User, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)

    foreign_keys: ClassVar = [
        ForeignKeyConstraint(
            "message_mentions_message_fk",
            ("conversation_id", "message_id"),
            "messages",
            "CASCADE",
            to_columns=("conversation_id", "id"),
        ),
        ForeignKeyConstraint("message_mentions_user_fk", ("user_id",), "users", "CASCADE"),
    ]

    class Meta:
        db_table = "message_mentions"
        indexes = [
            # A person's mentions in a conversation, newest first.
            models.Index(fields=["user", "conversation", "-message_id"], name="message_mentions_user_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.message_id}"

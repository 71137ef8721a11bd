from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.models import User
from chat_project.core.db.fields import CharLength, CuidField, CuidKeyField, EnumField, is_cuid_text
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from conversations.models import Conversation
from moderation.enums import ActionKind
from moderation.models.reports import UserReport

NOTE_MAX_LENGTH = 2000
TOLD_MAX_LENGTH = 1000


class ModerationAction(models.Model):
    """One thing that a moderator did, and why: a report's history, and a person's record. Warnings are among them.

    The audit log says the same without the texts, which may be erased here.
    """

    id = CuidKeyField(primary_key=True)
    kind = EnumField(enum="moderation_action_kind", choices=ActionKind.choices)
    report = models.ForeignKey(
        UserReport, models.DO_NOTHING, related_name="actions", null=True, db_constraint=False, db_index=False
    )
    actor = models.ForeignKey(User, models.DO_NOTHING, related_name="+", null=True, db_constraint=False, db_index=False)
    # Whom it was done to.
    subject = models.ForeignKey(
        User, models.DO_NOTHING, related_name="moderation_record", null=True, db_constraint=False, db_index=False
    )
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, related_name="+", null=True, db_constraint=False, db_index=False
    )
    # A value without a foreign key: the row outlives the message.
    message_id = CuidField(null=True)
    # For moderators alone.
    note = models.CharField(max_length=NOTE_MAX_LENGTH)
    # What the person was told: the text of a warning.
    told = models.CharField(max_length=TOLD_MAX_LENGTH, blank=True, default="", db_default="")
    until = models.DateTimeField(null=True)
    # When who was warned said that they had read it.
    seen_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    foreign_keys: ClassVar = [
        ForeignKeyConstraint("moderation_actions_report_fk", ("report_id",), "user_reports", "SET NULL"),
        ForeignKeyConstraint("moderation_actions_actor_fk", ("actor_id",), "users", "SET NULL"),
        ForeignKeyConstraint("moderation_actions_subject_fk", ("subject_id",), "users", "CASCADE"),
        ForeignKeyConstraint("moderation_actions_conv_fk", ("conversation_id",), "conversations", "SET NULL"),
    ]

    class Meta:
        db_table = "moderation_actions"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="moderation_actions_id_cuid"),
            models.CheckConstraint(
                condition=models.Q(kind=ActionKind.TAKE_UP)
                | models.Q(models.lookups.GreaterThan(CharLength("note"), 0)),
                name="moderation_actions_note_given",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=ActionKind.SUSPEND, until__isnull=False)
                | (~models.Q(kind=ActionKind.SUSPEND) & models.Q(until__isnull=True)),
                name="moderation_actions_until_given",
            ),
            models.CheckConstraint(
                condition=models.Q(models.Q(kind=ActionKind.WARN), ~models.Q(told=""))
                | models.Q(~models.Q(kind=ActionKind.WARN), told=""),
                name="moderation_actions_told_given",
            ),
        ]
        indexes = [
            # A report's history.
            models.Index(fields=["report", "id"], name="moderation_actions_report_idx"),
            # A person's record, newest first; and the cascade when they are purged.
            models.Index(fields=["subject", "-id"], name="moderation_actions_subject_idx"),
            # SET NULL when a moderator is purged.
            models.Index(fields=["actor"], name="moderation_actions_actor_idx"),
            # SET NULL when a conversation is deleted.
            models.Index(
                fields=["conversation"],
                condition=models.Q(conversation__isnull=False),
                name="moderation_actions_conv_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

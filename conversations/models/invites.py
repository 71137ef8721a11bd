from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.models import User
from chat_project.core.db.fields import BytewiseCharField, EnumField
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from conversations.enums import JoinRequestStatus
from conversations.models.conversations import Conversation

INVITE_MAX_USES = 99_999


class ConversationInvite(models.Model):
    """A link by which people join."""

    code = BytewiseCharField(max_length=32, primary_key=True)
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, related_name="invites", db_constraint=False, db_index=False
    )
    created_by = models.ForeignKey(
        User,
        models.DO_NOTHING,
        related_name="+",
        null=True,
        db_constraint=False,
        db_index=False,
    )
    expires_at = models.DateTimeField(null=True)
    max_uses = models.IntegerField(null=True)
    use_count = models.IntegerField(default=0, db_default=0)
    requires_approval = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True)

    foreign_keys: ClassVar = [
        ForeignKeyConstraint("conversation_invites_conv_fk", ("conversation_id",), "conversations", "CASCADE"),
        ForeignKeyConstraint("conversation_invites_by_fk", ("created_by_id",), "users", "SET NULL"),
    ]

    class Meta:
        db_table = "conversation_invites"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(max_uses__isnull=True) | models.Q(max_uses__range=(1, INVITE_MAX_USES)),
                name="invites_max_uses_range",
            ),
            models.CheckConstraint(
                condition=models.Q(use_count__gte=0)
                & (models.Q(max_uses__isnull=True) | models.Q(use_count__lte=models.F("max_uses"))),
                name="invites_uses_counted",
            ),
        ]
        indexes = [
            # A conversation's links, newest first.
            models.Index(fields=["conversation", "-created_at"], name="invites_conversation_idx"),
            # The links of a person who lost the right to make them.
            models.Index(fields=["created_by", "conversation"], name="invites_created_by_idx"),
        ]

    def __str__(self) -> str:
        return f"invite to {self.conversation_id}"


class JoinRequest(models.Model):
    """A wish to join that waits for approval; one a person and conversation."""

    pk = models.CompositePrimaryKey("conversation_id", "user_id")
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, related_name="join_requests", db_constraint=False, db_index=False
    )
    user = models.ForeignKey(User, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    status = EnumField(enum="join_request_status", choices=JoinRequestStatus.choices, default=JoinRequestStatus.PENDING)
    decided_by = models.ForeignKey(
        User, models.DO_NOTHING, related_name="+", null=True, db_constraint=False, db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True)

    foreign_keys: ClassVar = [
        ForeignKeyConstraint("join_requests_conversation_fk", ("conversation_id",), "conversations", "CASCADE"),
        ForeignKeyConstraint("join_requests_user_fk", ("user_id",), "users", "CASCADE"),
        ForeignKeyConstraint("join_requests_decided_by_fk", ("decided_by_id",), "users", "SET NULL"),
    ]

    class Meta:
        db_table = "join_requests"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="PENDING", decided_at__isnull=True)
                | (~models.Q(status="PENDING") & models.Q(decided_at__isnull=False)),
                name="join_requests_decision_whole",
            ),
        ]
        indexes = [
            # Who waits, oldest first.
            models.Index(
                fields=["conversation", "created_at"],
                condition=models.Q(status="PENDING"),
                name="join_requests_pending_idx",
            ),
            # A person's requests, when the account is deleted for good.
            models.Index(fields=["user"], name="join_requests_user_idx"),
            # A person's decisions, likewise.
            models.Index(fields=["decided_by"], name="join_requests_decided_by_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} asks to join {self.conversation_id}"

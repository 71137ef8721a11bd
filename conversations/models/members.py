from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.models import User
from chat_project.core.db.fields import CuidField, EnumField, is_json_object
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from conversations.enums import LeftReason, Role
from conversations.models.conversations import Conversation

DRAFT_MAX_LENGTH = 4096


class ConversationMember(models.Model):
    """A person in a conversation: role, rights, and how far they have read. Who left keeps the row, inactive."""

    fillfactor: ClassVar = 80  # each send and each read updates a row: it should stay on its page

    pk = models.CompositePrimaryKey("conversation_id", "user_id")
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, related_name="members", db_constraint=False, db_index=False
    )
    user = models.ForeignKey(User, models.DO_NOTHING, related_name="memberships", db_constraint=False, db_index=False)
    role = EnumField(enum="conversation_member_role", choices=Role.choices, default=Role.MEMBER)
    permissions = models.JSONField(default=dict)
    # When what `permissions` take away comes back by itself; null: never.
    restricted_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True, db_default=True)
    joined_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True, blank=True)
    left_reason = EnumField(enum="member_left_reason", choices=LeftReason.choices, null=True, blank=True)
    invited_by = models.ForeignKey(
        User,
        models.DO_NOTHING,
        related_name="+",
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
    )
    visible_from_seq = models.BigIntegerField(default=1, db_default=1)
    has_sent = models.BooleanField(default=False, db_default=False)
    last_sent_at = models.DateTimeField(null=True, blank=True)
    is_banned = models.BooleanField(default=False, db_default=False)
    banned_until = models.DateTimeField(null=True, blank=True)
    muted_until = models.DateTimeField(null=True, blank=True)
    last_read_message_id = CuidField(null=True, blank=True)
    last_read_seq = models.BigIntegerField(default=0, db_default=0)
    last_read_at = models.DateTimeField(null=True, blank=True)
    last_delivered_seq = models.BigIntegerField(default=0, db_default=0)
    unread_mention_count = models.IntegerField(default=0, db_default=0)
    is_pinned = models.BooleanField(default=False, db_default=False)
    is_archived = models.BooleanField(default=False, db_default=False)
    draft = models.CharField(max_length=DRAFT_MAX_LENGTH, blank=True, default="", db_default="")
    updated_at = models.DateTimeField(db_default=Now())

    foreign_keys: ClassVar = [
        ForeignKeyConstraint("conversation_members_conv_fk", ("conversation_id",), "conversations", "CASCADE"),
        ForeignKeyConstraint("conversation_members_user_fk", ("user_id",), "users", "CASCADE"),
        ForeignKeyConstraint("conversation_members_by_fk", ("invited_by_id",), "users", "SET NULL"),
    ]

    class Meta:
        db_table = "conversation_members"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(role="OWNER"), name="conversation_members_owner_key"
            ),
            models.CheckConstraint(condition=is_json_object("permissions"), name="members_permissions_object"),
            models.CheckConstraint(
                condition=models.Q(is_active=True, is_banned=False, left_at__isnull=True, left_reason__isnull=True)
                | models.Q(is_active=False, left_at__isnull=False, left_reason__isnull=False),
                name="members_active_or_left",
            ),
            models.CheckConstraint(
                condition=models.Q(is_banned=True) | models.Q(banned_until__isnull=True), name="members_ban_whole"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    visible_from_seq__gte=1,
                    last_read_seq__gte=0,
                    last_delivered_seq__gte=0,
                    unread_mention_count__gte=0,
                ),
                name="members_counters_grow",
            ),
        ]
        indexes = [
            # Who is in a conversation.
            models.Index(fields=["conversation", "is_active"], name="members_conversation_idx"),
            # A person's conversations: the list, a socket's subscriptions.
            models.Index(fields=["user", "is_active"], name="members_user_idx"),
            # Who has read how far, as the mission asks.
            models.Index(fields=["conversation", "last_read_at"], name="members_read_idx"),
            # The people whom somebody brought, when that account is deleted for good.
            models.Index(
                fields=["invited_by"], condition=models.Q(invited_by__isnull=False), name="members_invited_by_idx"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"

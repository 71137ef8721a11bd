from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.models import User
from chat_project.core.db.fields import CuidField, CuidKeyField, EnumField, is_cuid_text, is_json_object
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from conversations.models import Conversation
from moderation.enums import ReportReason, ReportStatus, ReportTarget

OPEN_STATUSES = (ReportStatus.PENDING, ReportStatus.UNDER_REVIEW)


class UserReport(models.Model):
    """A complaint about a person, a message or a conversation, with the evidence as it stood."""

    id = CuidKeyField(primary_key=True)
    reporter = models.ForeignKey(
        User, models.DO_NOTHING, related_name="reports_made", null=True, db_constraint=False, db_index=False
    )
    target_type = EnumField(enum="report_target", choices=ReportTarget.choices)
    reported_user = models.ForeignKey(
        User, models.DO_NOTHING, related_name="reports_suffered", null=True, db_constraint=False, db_index=False
    )
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, related_name="+", null=True, db_constraint=False, db_index=False
    )
    # A value without a foreign key: the report outlives the message, and holds its text as evidence.
    message_id = CuidField(null=True)
    reason = EnumField(enum="report_reason", choices=ReportReason.choices)
    details = models.CharField(max_length=2000, blank=True, default="", db_default="")
    evidence = models.JSONField(default=dict)
    status = EnumField(enum="report_status", choices=ReportStatus.choices, default=ReportStatus.PENDING)
    reviewer = models.ForeignKey(
        User, models.DO_NOTHING, related_name="+", null=True, db_constraint=False, db_index=False
    )
    reviewed_at = models.DateTimeField(null=True)
    resolution = models.CharField(max_length=64, blank=True, default="", db_default="")
    resolution_note = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())

    foreign_keys: ClassVar = [
        ForeignKeyConstraint("user_reports_reporter_fk", ("reporter_id",), "users", "SET NULL"),
        ForeignKeyConstraint("user_reports_reported_fk", ("reported_user_id",), "users", "SET NULL"),
        ForeignKeyConstraint("user_reports_conversation_fk", ("conversation_id",), "conversations", "SET NULL"),
        ForeignKeyConstraint("user_reports_reviewer_fk", ("reviewer_id",), "users", "SET NULL"),
    ]

    class Meta:
        db_table = "user_reports"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="user_reports_id_cuid"),
            # One open report a reporter and target. Each over what is its target alone: where that is deleted it
            # becomes null, and two nulls never collide.
            models.UniqueConstraint(
                fields=["reporter", "reported_user"],
                condition=models.Q(target_type=ReportTarget.USER, status__in=OPEN_STATUSES),
                name="user_reports_open_user_key",
            ),
            models.UniqueConstraint(
                fields=["reporter", "conversation"],
                condition=models.Q(target_type=ReportTarget.CONVERSATION, status__in=OPEN_STATUSES),
                name="user_reports_open_conv_key",
            ),
            models.UniqueConstraint(
                fields=["reporter", "conversation", "message_id"],
                condition=models.Q(target_type=ReportTarget.MESSAGE, status__in=OPEN_STATUSES),
                name="user_reports_open_message_key",
            ),
            models.CheckConstraint(condition=is_json_object("evidence"), name="user_reports_evidence_object"),
            models.CheckConstraint(
                condition=models.Q(target_type=ReportTarget.MESSAGE, message_id__isnull=False)
                | (~models.Q(target_type=ReportTarget.MESSAGE) & models.Q(message_id__isnull=True)),
                name="user_reports_message_given",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=OPEN_STATUSES) | models.Q(reviewed_at__isnull=False),
                name="user_reports_review_whole",
            ),
        ]
        indexes = [
            # The moderators' queue, oldest first in each status.
            models.Index(fields=["status", "created_at"], name="user_reports_queue_idx"),
            # A reporter's own list.
            models.Index(fields=["reporter", "-id"], name="user_reports_reporter_idx"),
            # A reported person's record.
            models.Index(fields=["reported_user", "-id"], name="user_reports_reported_idx"),
            # SET NULL when a conversation is deleted.
            models.Index(fields=["conversation"], name="user_reports_conversation_idx"),
            # SET NULL when a reviewer is purged.
            models.Index(fields=["reviewer"], name="user_reports_reviewer_idx"),
        ]

    def __str__(self) -> str:
        return self.id

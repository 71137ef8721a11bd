from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.models import User
from attachments.enums import AttachmentStatus
from chat_project.core.db.fields import CuidField, CuidKeyField, EnumField, OctetLength, is_cuid_text
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from conversations.models import Conversation

PLACEHOLDER_MAX_BYTES = 1024
WAVEFORM_PARTS = 64
# Nothing is ever served from under it.
QUARANTINE = "quarantine/"
SHA256_PATTERN = r"^([0-9a-f]{64})?$"
UNFINISHED_STATUSES = (AttachmentStatus.PENDING, AttachmentStatus.UPLOADED, AttachmentStatus.PROCESSING)


class Attachment(models.Model):
    """A file on its way from upload to message; `message_id` is null until it is sent."""

    pk = models.CompositePrimaryKey("conversation_id", "id")
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, related_name="attachments", db_constraint=False, db_index=False
    )
    id = CuidKeyField()
    message_id = CuidField(null=True)
    # Its place among the files of its message.
    position = models.SmallIntegerField(default=0, db_default=0)
    message = models.ForeignObject(
        "messaging.Message",
        models.DO_NOTHING,
        from_fields=["conversation_id", "message_id"],
        to_fields=["conversation_id", "id"],
        related_name="attachments",
        null=True,
    )
    uploader = models.ForeignKey(
        User, models.DO_NOTHING, related_name="attachments", null=True, db_constraint=False, db_index=False
    )
    object_key = models.CharField(max_length=200)
    file_name = models.CharField(max_length=255)
    mime_type = models.CharField(max_length=127, default="application/octet-stream")
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    duration = models.FloatField(null=True)
    thumbnail_key = models.CharField(max_length=200, null=True)
    preview_key = models.CharField(max_length=200, null=True)
    placeholder = models.TextField(blank=True, default="", db_default="")
    # Of sounds: how loud each equal part is, from 0 to 100.
    waveform = ArrayField(models.SmallIntegerField(), null=True)
    status = EnumField(enum="attachment_status", choices=AttachmentStatus.choices, default=AttachmentStatus.PENDING)
    is_processed = models.BooleanField(default=False, db_default=False)
    is_scanned = models.BooleanField(default=False, db_default=False)
    # How often its check was begun.
    attempts = models.SmallIntegerField(default=0, db_default=0)
    scan_result = models.CharField(max_length=255, blank=True, default="", db_default="")
    error = models.CharField(max_length=255, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True)
    # When staff deleted the bytes of what was taken away.
    removed_at = models.DateTimeField(null=True)

    foreign_keys: ClassVar = [
        ForeignKeyConstraint("attachments_conversation_fk", ("conversation_id",), "conversations", "CASCADE"),
        ForeignKeyConstraint(
            "attachments_message_fk",
            ("conversation_id", "message_id"),
            "messages",
            "SET NULL",
            to_columns=("conversation_id", "id"),
            null_columns=("message_id",),
        ),
        ForeignKeyConstraint("attachments_uploader_fk", ("uploader_id",), "users", "SET NULL"),
    ]

    class Meta:
        db_table = "attachments"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="attachments_id_cuid"),
            models.UniqueConstraint(fields=["conversation", "object_key"], name="attachments_object_key"),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="attachments_size_counted"),
            models.CheckConstraint(condition=models.Q(sha256__regex=SHA256_PATTERN), name="attachments_sha256_form"),
            models.CheckConstraint(
                condition=models.lookups.LessThanOrEqual(OctetLength("placeholder"), PLACEHOLDER_MAX_BYTES),
                name="attachments_placeholder_small",
            ),
            models.CheckConstraint(
                condition=models.Q(width__isnull=True, height__isnull=True) | models.Q(width__gt=0, height__gt=0),
                name="attachments_dimensions_whole",
            ),
            models.CheckConstraint(condition=models.Q(waveform__len=WAVEFORM_PARTS), name="attachments_waveform_parts"),
            models.CheckConstraint(
                condition=~models.Q(status=AttachmentStatus.READY, object_key__startswith=QUARANTINE),
                name="attachments_quarantine_shut",
            ),
            models.CheckConstraint(
                condition=models.Q(removed_at=None)
                | models.Q(status__in=(AttachmentStatus.INFECTED, AttachmentStatus.FAILED)),
                name="attachments_removed_if_bad",
            ),
        ]
        indexes = [
            # The files of a message.
            models.Index(fields=["conversation", "message_id"], name="attachments_message_idx"),
            # The row of a stored object.
            models.Index(fields=["object_key"], name="attachments_object_idx"),
            # Files of a kind, for the admin and maintenance.
            models.Index(fields=["mime_type"], name="attachments_mime_type_idx"),
            # What waits for the pipeline.
            models.Index(
                fields=["is_processed", "is_scanned"],
                condition=models.Q(status__in=UNFINISHED_STATUSES),
                name="attachments_unfinished_idx",
            ),
            # The admin's list of a status, newest first; and what is infected, for its copies.
            models.Index(fields=["status", "-id"], name="attachments_status_idx"),
            # What is served and was never scanned, newest first: the admin's list, and what a new scanner begins with.
            models.Index(
                fields=["-id"],
                condition=models.Q(status=AttachmentStatus.READY, is_scanned=False),
                name="attachments_unscanned_idx",
            ),
            # A person's files: quota, export; and SET NULL when the account is purged.
            models.Index(fields=["uploader"], name="attachments_uploader_idx"),
            # Every row of one content, where a bad verdict must reach them all.
            models.Index(fields=["sha256"], condition=~models.Q(sha256=""), name="attachments_sha256_idx"),
        ]

    def __str__(self) -> str:
        return self.id

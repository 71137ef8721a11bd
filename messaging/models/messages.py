from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from chat_project.core.db.fields import (
    CharLength,
    CuidField,
    CuidKeyField,
    EnumField,
    is_cuid_text,
    is_json_object,
)
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from conversations.models import Conversation
from messaging.enums import MessageType

CONTENT_MAX_LENGTH = 4096
ENCRYPTED_MAX_LENGTH = 16_384
CLIENT_ID_MAX_LENGTH = 64
MEDIA_TYPES = (MessageType.IMAGE, MessageType.VIDEO, MessageType.AUDIO, MessageType.FILE)


class Message(models.Model):
    """One entry of a conversation's timeline; partitioned by hash of the conversation.

    `messaging.timeline` alone inserts rows and draws `seq` and `version`.
    """

    partition_by: ClassVar = "HASH (conversation_id)"
    hash_partitions: ClassVar = 16

    pk = models.CompositePrimaryKey("conversation_id", "id")
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, related_name="messages", db_constraint=False, db_index=False
    )
    id = CuidKeyField()
    seq = models.BigIntegerField()
    version = models.BigIntegerField()
    sender = models.ForeignKey(
        User, models.DO_NOTHING, related_name="messages", null=True, db_constraint=False, db_index=False
    )
    type = EnumField(enum="message_type", choices=MessageType.choices, default=MessageType.TEXT)
    content = models.TextField(default="", db_default="")
    metadata = models.JSONField(default=dict)
    reply_to_id = CuidField(null=True)
    reply_to = models.ForeignObject(
        "self",
        models.DO_NOTHING,
        from_fields=["conversation_id", "reply_to_id"],
        to_fields=["conversation_id", "id"],
        related_name="replies",
        null=True,
    )
    forwarded_from = models.JSONField(null=True)
    client_id = models.CharField(max_length=CLIENT_ID_MAX_LENGTH, null=True)
    edited_at = models.DateTimeField(null=True)
    edit_count = models.IntegerField(default=0, db_default=0)
    expires_at = models.DateTimeField(null=True)
    is_deleted = models.BooleanField(default=False, db_default=False)
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.ForeignKey(
        User, models.DO_NOTHING, related_name="+", null=True, db_constraint=False, db_index=False
    )
    pinned_at = models.DateTimeField(null=True)
    pinned_by = models.ForeignKey(
        User, models.DO_NOTHING, related_name="+", null=True, db_constraint=False, db_index=False
    )
    encryption = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    search = SearchVectorField(null=True)

    foreign_keys: ClassVar = [
        ForeignKeyConstraint("messages_conversation_fk", ("conversation_id",), "conversations", "CASCADE"),
        ForeignKeyConstraint("messages_sender_fk", ("sender_id",), "users", "SET NULL"),
        ForeignKeyConstraint("messages_deleted_by_fk", ("deleted_by_id",), "users", "SET NULL"),
        ForeignKeyConstraint("messages_pinned_by_fk", ("pinned_by_id",), "users", "SET NULL"),
        ForeignKeyConstraint(
            "messages_reply_to_fk",
            ("conversation_id", "reply_to_id"),
            "messages",
            "SET NULL",
            to_columns=("conversation_id", "id"),
            null_columns=("reply_to_id",),
        ),
    ]

    class Meta:
        db_table = "messages"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="messages_id_cuid"),
            models.UniqueConstraint(fields=["conversation", "seq"], name="messages_seq_key"),
            # One message a client_id: the idempotency key of a send.
            models.UniqueConstraint(
                fields=["conversation", "sender", "client_id"],
                condition=models.Q(client_id__isnull=False),
                name="messages_client_id_key",
            ),
            models.CheckConstraint(
                condition=models.Q(seq__gte=1, version__gte=models.F("seq")), name="messages_counters_grow"
            ),
            models.CheckConstraint(condition=is_json_object("metadata"), name="messages_metadata_object"),
            models.CheckConstraint(condition=is_json_object("forwarded_from"), name="messages_forward_object"),
            models.CheckConstraint(condition=is_json_object("encryption"), name="messages_encryption_object"),
            models.CheckConstraint(
                condition=models.lookups.LessThanOrEqual(CharLength("content"), CONTENT_MAX_LENGTH)
                | (
                    models.Q(encryption__isnull=False)
                    & models.lookups.LessThanOrEqual(CharLength("content"), ENCRYPTED_MAX_LENGTH)
                ),
                name="messages_content_length",
            ),
            models.CheckConstraint(
                condition=models.Q(is_deleted=True, deleted_at__isnull=False)
                | models.Q(is_deleted=False, deleted_at__isnull=True, deleted_by__isnull=True),
                name="messages_deletion_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(pinned_at__isnull=False) | models.Q(pinned_by__isnull=True),
                name="messages_pin_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(edit_count=0, edited_at__isnull=True)
                | models.Q(edit_count__gt=0, edited_at__isnull=False),
                name="messages_edits_counted",
            ),
            models.CheckConstraint(
                condition=models.Q(search__isnull=True) | models.Q(encryption__isnull=True, is_deleted=False),
                name="messages_search_plain",
            ),
        ]
        indexes = [
            # A page of history: newest first, from a point on. The critical one.
            models.Index("conversation", models.F("created_at").desc(), name="messages_history_idx"),
            # What changed since a client's version: sync.
            models.Index("conversation", "version", name="messages_sync_idx"),
            # A person's messages: export, closing, the moderators' record; and SET NULL when a person is purged.
            models.Index("sender", "created_at", name="messages_sender_idx"),
            # Shared media of a kind, newest first.
            models.Index(
                models.F("conversation"),
                models.F("type"),
                models.F("created_at").desc(),
                condition=models.Q(type__in=MEDIA_TYPES),
                name="messages_media_idx",
            ),
            # The answers to a message, and SET NULL when it is purged.
            models.Index(
                fields=["conversation", "reply_to_id"],
                condition=models.Q(reply_to_id__isnull=False),
                name="messages_reply_idx",
            ),
            # Tombstones whose content retention purges.
            models.Index(fields=["deleted_at"], condition=models.Q(is_deleted=True), name="messages_deleted_idx"),
            # What a conversation has pinned.
            models.Index(
                fields=["conversation", "pinned_at"],
                condition=models.Q(pinned_at__isnull=False),
                name="messages_pinned_idx",
            ),
            # Messages whose time has come: the job that makes them tombstones.
            models.Index(
                fields=["expires_at"],
                condition=models.Q(expires_at__isnull=False, is_deleted=False),
                name="messages_expiry_idx",
            ),
            # SET NULL when who deleted is purged.
            models.Index(
                fields=["deleted_by"], condition=models.Q(deleted_by__isnull=False), name="messages_deleted_by_idx"
            ),
            # SET NULL when who pinned is purged.
            models.Index(
                fields=["pinned_by"], condition=models.Q(pinned_by__isnull=False), name="messages_pinned_by_idx"
            ),
            # Full text: rare words.
            GinIndex(fields=["search"], name="messages_search_idx"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_gone(self) -> bool:
        """Whether it was deleted or has expired, also in the moments before it is made a tombstone."""
        return self.is_deleted or (self.expires_at is not None and self.expires_at <= timezone.now())

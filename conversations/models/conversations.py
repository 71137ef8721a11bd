from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Left, Lower, Now, Right

from accounts.models import User
from chat_project.core.db.cuid import LENGTH as CUID_LENGTH
from chat_project.core.db.fields import (
    BytewiseCharField,
    CharLength,
    CuidField,
    CuidKeyField,
    EnumField,
    is_cuid_text,
    is_json_object,
)
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from conversations.enums import ConversationType

TITLE_MAX_LENGTH = 128
DESCRIPTION_MAX_LENGTH = 1024
HANDLE_PATTERN = r"^[a-z][a-z0-9_]{4,31}$"
DM_KEY_PATTERN = r"^c[0-9a-z]{24}:c[0-9a-z]{24}$"


class Conversation(models.Model):
    """A DM, a group or a channel, and the counters that order what happens in it.

    `last_seq`, `version` and the last message are moved by `messaging.timeline` alone.
    """

    fillfactor: ClassVar = 80  # each send updates the row: it should stay on its page

    id = CuidKeyField(primary_key=True)
    type = EnumField(enum="conversation_type", choices=ConversationType.choices)
    title = models.CharField(max_length=TITLE_MAX_LENGTH, blank=True, default="", db_default="")
    description = models.CharField(max_length=DESCRIPTION_MAX_LENGTH, blank=True, default="", db_default="")
    handle = models.CharField(max_length=32, null=True, blank=True)
    avatar_key = models.CharField(max_length=200, null=True, blank=True)
    owner = models.ForeignKey(
        User,
        models.DO_NOTHING,
        related_name="+",
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
    )
    settings = models.JSONField(default=dict)
    # The two people's ids, sorted, with a colon between: one DM a pair.
    dm_key = BytewiseCharField(max_length=2 * CUID_LENGTH + 1, null=True, blank=True)
    last_seq = models.BigIntegerField(default=0, db_default=0)
    version = models.BigIntegerField(default=0, db_default=0)
    members_version = models.BigIntegerField(default=1, db_default=1)
    # No foreign key: messages point here, a circle would cost a check on each send, and an archived
    # message keeps its place.
    last_message_id = CuidField(null=True, blank=True)
    last_message_at = models.DateTimeField(null=True, blank=True)
    member_count = models.IntegerField(default=0, db_default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    foreign_keys: ClassVar = [ForeignKeyConstraint("conversations_owner_fk", ("owner_id",), "users", "SET NULL")]

    class Meta:
        db_table = "conversations"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="conversations_id_cuid"),
            models.UniqueConstraint(fields=["dm_key"], name="conversations_dm_key"),
            # Also finds a public conversation by its handle.
            models.UniqueConstraint(fields=["handle"], name="conversations_handle_key"),
            models.CheckConstraint(condition=models.Q(handle__regex=HANDLE_PATTERN), name="conversations_handle_form"),
            models.CheckConstraint(condition=is_json_object("settings"), name="conversations_settings_object"),
            models.CheckConstraint(
                condition=models.Q(type="DM", dm_key__isnull=False, title="", handle__isnull=True, owner__isnull=True)
                | (~models.Q(type="DM") & models.Q(dm_key__isnull=True)),
                name="conversations_dm_shape",
            ),
            models.CheckConstraint(
                condition=models.Q(dm_key__regex=DM_KEY_PATTERN)
                & models.Q(models.lookups.LessThanOrEqual(Left("dm_key", CUID_LENGTH), Right("dm_key", CUID_LENGTH))),
                name="conversations_dm_key_sorted",
            ),
            models.CheckConstraint(
                condition=models.Q(type="DM") | models.Q(models.lookups.GreaterThan(CharLength("title"), 0)),
                name="conversations_title_given",
            ),
            models.CheckConstraint(
                condition=models.Q(last_seq__gte=0, version__gte=models.F("last_seq"), members_version__gte=1),
                name="conversations_counters_grow",
            ),
            models.CheckConstraint(condition=models.Q(member_count__gte=0), name="conversations_members_counted"),
        ]
        indexes = [
            # Conversations of a kind, for the admin and maintenance.
            models.Index(fields=["type"], name="conversations_type_idx"),
            # What a person owns.
            models.Index(fields=["owner"], name="conversations_owner_idx"),
            # The newest, for the admin and maintenance.
            models.Index(fields=["created_at"], name="conversations_created_idx"),
            # The last changed, likewise.
            models.Index(fields=["updated_at"], name="conversations_updated_idx"),
            # Public search by the beginning of a handle.
            models.Index(fields=["handle"], opclasses=["text_pattern_ops"], name="conversations_handle_prefix"),
            # Public search by the beginning of a title.
            models.Index(
                OpClass(Lower("title"), "text_pattern_ops"),
                condition=models.Q(handle__isnull=False),
                name="conversations_title_prefix",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.id

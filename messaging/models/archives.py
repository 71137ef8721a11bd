from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from chat_project.core.db.fields import CuidField, CuidKeyField, EnumField, is_cuid_text
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from chat_project.core.db.triggers import Trigger
from conversations.models import Conversation
from messaging.enums import ArchiveState


class ArchiveSegment(models.Model):
    """Messages of one month of a conversation that stand in an object of the storage.

    `messaging.services.archiving` writes it and takes the rows away, newest first: those from `removed_from_seq` on
    are gone, but `left_out`, which changed after the object was written. `messaging.services.restoring` puts them back.
    """

    triggers: ClassVar = [
        # A conversation that is deleted takes its segments along, and they their objects.
        Trigger("archive_segments_discard", "DELETE", "ROW", "archive_discard_object"),
    ]

    id = CuidKeyField(primary_key=True)
    conversation = models.ForeignKey(
        Conversation, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    month = models.DateField()
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    # The highest version among the messages: a client that holds less has missed something that sync can't give.
    max_version = models.BigIntegerField()
    messages = models.IntegerField()
    object_key = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    state = EnumField(enum="archive_state", choices=ArchiveState.choices, default=ArchiveState.WRITTEN)
    removed_from_seq = models.BigIntegerField()
    left_out = ArrayField(CuidField(), default=list)
    created_at = models.DateTimeField(db_default=Now())

    foreign_keys: ClassVar = [
        ForeignKeyConstraint("archive_segments_conv_fk", ("conversation_id",), "conversations", "CASCADE"),
    ]

    class Meta:
        db_table = "archive_segments"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="archive_segments_id_cuid"),
            models.CheckConstraint(
                condition=models.Q(first_seq__gte=1, last_seq__gte=models.F("first_seq")),
                name="archive_segments_range",
            ),
            models.CheckConstraint(condition=models.Q(messages__gte=1), name="archive_segments_not_empty"),
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="archive_segments_sha256_form"
            ),
            # Two runs at once would write the same messages twice.
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(state=ArchiveState.WRITTEN),
                name="archive_segments_one_at_a_time",
            ),
        ]
        indexes = [
            # Up to where a conversation is archived, and its segments for restoring.
            models.Index(fields=["conversation", "last_seq"], name="archive_segments_place_idx"),
        ]

    def __str__(self) -> str:
        return self.object_key

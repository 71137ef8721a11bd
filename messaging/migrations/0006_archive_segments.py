import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import chat_project.core.db.fields
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from chat_project.core.db.operations import AddForeignKey, AddTrigger, CreateEnum, CreateFunction
from chat_project.core.db.triggers import Trigger

# The sweep deletes the object: no transaction waits for the storage.
DISCARD = """
CREATE FUNCTION archive_discard_object() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO discarded_objects (key) VALUES (OLD.object_key) ON CONFLICT DO NOTHING;
    RETURN OLD;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_exports_and_discarded_objects"),
        ("conversations", "0004_public_titles"),
        ("messaging", "0005_mark_position"),
    ]

    operations = [
        CreateEnum("archive_state", ["WRITTEN", "ARCHIVED", "RESTORING"]),
        migrations.CreateModel(
            name="ArchiveSegment",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                ("month", models.DateField()),
                ("first_seq", models.BigIntegerField()),
                ("last_seq", models.BigIntegerField()),
                ("max_version", models.BigIntegerField()),
                ("messages", models.IntegerField()),
                ("object_key", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                (
                    "state",
                    chat_project.core.db.fields.EnumField(
                        choices=[("WRITTEN", "Written"), ("ARCHIVED", "Archived"), ("RESTORING", "Restoring")],
                        default="WRITTEN",
                        enum="archive_state",
                    ),
                ),
                ("removed_from_seq", models.BigIntegerField()),
                (
                    "left_out",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=chat_project.core.db.fields.CuidField(), default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="conversations.conversation",
                    ),
                ),
            ],
            options={
                "db_table": "archive_segments",
                "indexes": [models.Index(fields=["conversation", "last_seq"], name="archive_segments_place_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="archive_segments_id_cuid"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_seq__gte", 1), ("last_seq__gte", models.F("first_seq"))),
                        name="archive_segments_range",
                    ),
                    models.CheckConstraint(condition=models.Q(("messages__gte", 1)), name="archive_segments_not_empty"),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="archive_segments_sha256_form"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "WRITTEN")),
                        fields=("conversation",),
                        name="archive_segments_one_at_a_time",
                    ),
                ],
            },
        ),
        AddForeignKey(
            "archive_segments",
            ForeignKeyConstraint("archive_segments_conv_fk", ("conversation_id",), "conversations", "CASCADE"),
        ),
        CreateFunction("archive_discard_object", "", DISCARD),
        AddTrigger("archive_segments", Trigger("archive_segments_discard", "DELETE", "ROW", "archive_discard_object")),
    ]

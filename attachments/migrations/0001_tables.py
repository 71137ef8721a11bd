import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import chat_project.core.db.fields
from chat_project.core.db import operations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("conversations", "0001_tables"),
        ("messaging", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        operations.CreateEnum(
            "attachment_status", ["PENDING", "UPLOADED", "PROCESSING", "READY", "INFECTED", "FAILED"]
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "conversation_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", chat_project.core.db.fields.CuidKeyField()),
                ("message_id", chat_project.core.db.fields.CuidField(null=True)),
                ("object_key", models.CharField(max_length=200)),
                ("file_name", models.CharField(max_length=255)),
                ("mime_type", models.CharField(default="application/octet-stream", max_length=127)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("width", models.IntegerField(null=True)),
                ("height", models.IntegerField(null=True)),
                ("duration", models.FloatField(null=True)),
                ("thumbnail_key", models.CharField(max_length=200, null=True)),
                ("preview_key", models.CharField(max_length=200, null=True)),
                ("placeholder", models.TextField(blank=True, db_default="", default="")),
                (
                    "status",
                    chat_project.core.db.fields.EnumField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("UPLOADED", "Uploaded"),
                            ("PROCESSING", "Processing"),
                            ("READY", "Ready"),
                            ("INFECTED", "Infected"),
                            ("FAILED", "Failed"),
                        ],
                        default="PENDING",
                        enum="attachment_status",
                    ),
                ),
                ("is_processed", models.BooleanField(db_default=False, default=False)),
                ("is_scanned", models.BooleanField(db_default=False, default=False)),
                ("scan_result", models.CharField(blank=True, db_default="", default="", max_length=255)),
                ("error", models.CharField(blank=True, db_default="", default="", max_length=255)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("processed_at", models.DateTimeField(null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="attachments",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "message",
                    models.ForeignObject(
                        from_fields=["conversation_id", "message_id"],
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="attachments",
                        to="messaging.message",
                        to_fields=["conversation_id", "id"],
                    ),
                ),
                (
                    "uploader",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="attachments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "attachments",
                "indexes": [
                    models.Index(fields=["conversation", "message_id"], name="attachments_message_idx"),
                    models.Index(fields=["object_key"], name="attachments_object_idx"),
                    models.Index(fields=["mime_type"], name="attachments_mime_type_idx"),
                    models.Index(
                        condition=models.Q(("status__in", ("PENDING", "UPLOADED", "PROCESSING"))),
                        fields=["is_processed", "is_scanned"],
                        name="attachments_unfinished_idx",
                    ),
                    models.Index(fields=["uploader"], name="attachments_uploader_idx"),
                    models.Index(
                        condition=models.Q(("sha256", ""), _negated=True),
                        fields=["sha256"],
                        name="attachments_sha256_idx",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="attachments_id_cuid"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^([0-9a-f]{64})?$")), name="attachments_sha256_form"
                    ),
                    models.UniqueConstraint(fields=("conversation", "object_key"), name="attachments_object_key"),
                    models.CheckConstraint(condition=models.Q(("size__gte", 0)), name="attachments_size_counted"),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            chat_project.core.db.fields.OctetLength("placeholder"), 1024
                        ),
                        name="attachments_placeholder_small",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("height__isnull", True), ("width__isnull", True)),
                            models.Q(("height__gt", 0), ("width__gt", 0)),
                            _connector="OR",
                        ),
                        name="attachments_dimensions_whole",
                    ),
                ],
            },
        ),
    ]

import django.contrib.postgres.indexes
import django.contrib.postgres.search
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
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        operations.CreateEnum("message_type", ["TEXT", "IMAGE", "VIDEO", "AUDIO", "FILE", "SYSTEM"]),
        operations.CreateEnum("receipt_type", ["DELIVERED", "READ"]),
        migrations.CreateModel(
            name="DatabaseEpoch",
            fields=[
                ("id", models.SmallIntegerField(db_default=1, default=1, primary_key=True, serialize=False)),
                ("value", models.CharField(max_length=32)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "database_epochs",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="database_epochs_one_row")],
            },
        ),
        operations.CreatePartitionedModel(
            partition_by="HASH (conversation_id)",
            hash_partitions=16,
            name="Message",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "conversation_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("id", chat_project.core.db.fields.CuidKeyField()),
                ("seq", models.BigIntegerField()),
                ("version", models.BigIntegerField()),
                (
                    "type",
                    chat_project.core.db.fields.EnumField(
                        choices=[
                            ("TEXT", "Text"),
                            ("IMAGE", "Image"),
                            ("VIDEO", "Video"),
                            ("AUDIO", "Audio"),
                            ("FILE", "File"),
                            ("SYSTEM", "System"),
                        ],
                        default="TEXT",
                        enum="message_type",
                    ),
                ),
                ("content", models.TextField(db_default="", default="")),
                ("metadata", models.JSONField(default=dict)),
                ("reply_to_id", chat_project.core.db.fields.CuidField(null=True)),
                ("forwarded_from", models.JSONField(null=True)),
                ("client_id", models.CharField(max_length=64, null=True)),
                ("edited_at", models.DateTimeField(null=True)),
                ("edit_count", models.IntegerField(db_default=0, default=0)),
                ("expires_at", models.DateTimeField(null=True)),
                ("is_deleted", models.BooleanField(db_default=False, default=False)),
                ("deleted_at", models.DateTimeField(null=True)),
                ("pinned_at", models.DateTimeField(null=True)),
                ("encryption", models.JSONField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("search", django.contrib.postgres.search.SearchVectorField(null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="messages",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "deleted_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pinned_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reply_to",
                    models.ForeignObject(
                        from_fields=["conversation_id", "reply_to_id"],
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="replies",
                        to="messaging.message",
                        to_fields=["conversation_id", "id"],
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="messages",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "messages",
            },
        ),
        migrations.CreateModel(
            name="MessageEdit",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "conversation_id",
                        "message_id",
                        "edit_no",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("message_id", chat_project.core.db.fields.CuidField()),
                ("edit_no", models.IntegerField()),
                ("content", models.TextField(db_default="", default="")),
                ("metadata", models.JSONField(default=dict)),
                ("edited_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                (
                    "edited_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "message",
                    models.ForeignObject(
                        from_fields=["conversation_id", "message_id"],
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="edits",
                        to="messaging.message",
                        to_fields=["conversation_id", "id"],
                    ),
                ),
            ],
            options={
                "db_table": "message_edits",
            },
        ),
        migrations.CreateModel(
            name="MessageMention",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "conversation_id",
                        "message_id",
                        "user_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("message_id", chat_project.core.db.fields.CuidField()),
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
                (
                    "message",
                    models.ForeignObject(
                        from_fields=["conversation_id", "message_id"],
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="mentions",
                        to="messaging.message",
                        to_fields=["conversation_id", "id"],
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "message_mentions",
            },
        ),
        migrations.CreateModel(
            name="MessageReaction",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "conversation_id",
                        "message_id",
                        "user_id",
                        "emoji",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("message_id", chat_project.core.db.fields.CuidField()),
                ("emoji", models.CharField(max_length=32)),
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
                (
                    "message",
                    models.ForeignObject(
                        from_fields=["conversation_id", "message_id"],
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="reactions",
                        to="messaging.message",
                        to_fields=["conversation_id", "id"],
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "message_reactions",
            },
        ),
        operations.CreatePartitionedModel(
            partition_by="HASH (conversation_id)",
            hash_partitions=16,
            name="MessageReceipt",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "conversation_id",
                        "message_id",
                        "user_id",
                        "type",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("message_id", chat_project.core.db.fields.CuidField()),
                (
                    "type",
                    chat_project.core.db.fields.EnumField(
                        choices=[("DELIVERED", "Delivered"), ("READ", "Read")], enum="receipt_type"
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
                (
                    "message",
                    models.ForeignObject(
                        from_fields=["conversation_id", "message_id"],
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="receipts",
                        to="messaging.message",
                        to_fields=["conversation_id", "id"],
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "message_receipts",
            },
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.F("conversation"),
                models.OrderBy(models.F("created_at"), descending=True),
                name="messages_history_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(models.F("conversation"), models.F("version"), name="messages_sync_idx"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(models.F("sender"), models.F("created_at"), name="messages_sender_idx"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.F("conversation"),
                models.F("type"),
                models.OrderBy(models.F("created_at"), descending=True),
                condition=models.Q(("type__in", ("IMAGE", "VIDEO", "AUDIO", "FILE"))),
                name="messages_media_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("reply_to_id__isnull", False)),
                fields=["conversation", "reply_to_id"],
                name="messages_reply_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("is_deleted", True)), fields=["deleted_at"], name="messages_deleted_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("pinned_at__isnull", False)),
                fields=["conversation", "pinned_at"],
                name="messages_pinned_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("expires_at__isnull", False), ("is_deleted", False)),
                fields=["expires_at"],
                name="messages_expiry_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("deleted_by__isnull", False)), fields=["deleted_by"], name="messages_deleted_by_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("pinned_by__isnull", False)), fields=["pinned_by"], name="messages_pinned_by_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="messages_search_idx"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="messages_id_cuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("conversation", "seq"), name="messages_seq_key"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("client_id__isnull", False)),
                fields=("conversation", "sender", "client_id"),
                name="messages_client_id_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("seq__gte", 1), ("version__gte", models.F("seq"))), name="messages_counters_grow"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    chat_project.core.db.fields.JsonbTypeof("metadata"), models.Value("object")
                ),
                name="messages_metadata_object",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    chat_project.core.db.fields.JsonbTypeof("forwarded_from"), models.Value("object")
                ),
                name="messages_forward_object",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    chat_project.core.db.fields.JsonbTypeof("encryption"), models.Value("object")
                ),
                name="messages_encryption_object",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.LessThanOrEqual(chat_project.core.db.fields.CharLength("content"), 4096),
                    models.Q(
                        ("encryption__isnull", False),
                        django.db.models.lookups.LessThanOrEqual(
                            chat_project.core.db.fields.CharLength("content"), 16384
                        ),
                    ),
                    _connector="OR",
                ),
                name="messages_content_length",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("deleted_at__isnull", False), ("is_deleted", True)),
                    models.Q(("deleted_at__isnull", True), ("deleted_by__isnull", True), ("is_deleted", False)),
                    _connector="OR",
                ),
                name="messages_deletion_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("pinned_at__isnull", False), ("pinned_by__isnull", True), _connector="OR"),
                name="messages_pin_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("edit_count", 0), ("edited_at__isnull", True)),
                    models.Q(("edit_count__gt", 0), ("edited_at__isnull", False)),
                    _connector="OR",
                ),
                name="messages_edits_counted",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("search__isnull", True),
                    models.Q(("encryption__isnull", True), ("is_deleted", False)),
                    _connector="OR",
                ),
                name="messages_search_plain",
            ),
        ),
        migrations.AddIndex(
            model_name="messageedit",
            index=models.Index(fields=["edited_at"], name="message_edits_age_idx"),
        ),
        migrations.AddIndex(
            model_name="messageedit",
            index=models.Index(fields=["edited_by"], name="message_edits_by_idx"),
        ),
        migrations.AddConstraint(
            model_name="messageedit",
            constraint=models.CheckConstraint(condition=models.Q(("edit_no__gte", 1)), name="message_edits_counted"),
        ),
        migrations.AddConstraint(
            model_name="messageedit",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    chat_project.core.db.fields.JsonbTypeof("metadata"), models.Value("object")
                ),
                name="message_edits_metadata_object",
            ),
        ),
        migrations.AddIndex(
            model_name="messagemention",
            index=models.Index(fields=["user", "conversation", "-message_id"], name="message_mentions_user_idx"),
        ),
        migrations.AddIndex(
            model_name="messagereaction",
            index=models.Index(fields=["user"], name="message_reactions_user_idx"),
        ),
        migrations.AddIndex(
            model_name="messagereceipt",
            index=models.Index(fields=["user"], name="message_receipts_user_idx"),
        ),
    ]

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
        operations.CreateEnum("report_status", ["PENDING", "UNDER_REVIEW", "RESOLVED", "DISMISSED"]),
        operations.CreateEnum("report_target", ["USER", "MESSAGE", "CONVERSATION"]),
        operations.CreateEnum(
            "report_reason", ["spam", "violence", "harassment", "child_abuse", "copyright", "impersonation", "other"]
        ),
        operations.CreatePartitionedModel(
            partition_by="RANGE (id)",
            hash_partitions=0,
            name="AuditLog",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                ("actor_id", chat_project.core.db.fields.CuidField(null=True)),
                ("action", models.CharField(max_length=64)),
                ("resource_type", models.CharField(blank=True, db_default="", default="", max_length=32)),
                ("resource_id", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("details", models.JSONField(default=dict)),
                ("ip_address", models.GenericIPAddressField(null=True)),
                ("user_agent", models.CharField(blank=True, db_default="", default="", max_length=512)),
                ("request_id", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "audit_logs",
                "indexes": [
                    models.Index(fields=["actor_id", "-id"], name="audit_logs_actor_idx"),
                    models.Index(fields=["resource_type", "resource_id", "-id"], name="audit_logs_resource_idx"),
                    models.Index(fields=["action", "-id"], name="audit_logs_action_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="audit_logs_id_cuid"
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            chat_project.core.db.fields.JsonbTypeof("details"), models.Value("object")
                        ),
                        name="audit_logs_details_object",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                ("first_id", chat_project.core.db.fields.CuidField()),
                ("last_id", chat_project.core.db.fields.CuidField()),
                ("row_count", models.IntegerField()),
                ("rows_hash", models.BinaryField(max_length=32)),
                ("previous_hash", models.BinaryField(max_length=32)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "audit_seals",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="audit_seals_id_cuid"
                    ),
                    models.UniqueConstraint(fields=("first_id",), name="audit_seals_first_key"),
                    models.UniqueConstraint(fields=("previous_hash",), name="audit_seals_chain_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            django.db.models.lookups.Exact(chat_project.core.db.fields.OctetLength("rows_hash"), 32),
                            django.db.models.lookups.Exact(
                                chat_project.core.db.fields.OctetLength("previous_hash"), 32
                            ),
                        ),
                        name="audit_seals_hash_length",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_id__gte", models.F("first_id")), ("row_count__gte", 1)),
                        name="audit_seals_range_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UserReport",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                (
                    "target_type",
                    chat_project.core.db.fields.EnumField(
                        choices=[("USER", "User"), ("MESSAGE", "Message"), ("CONVERSATION", "Conversation")],
                        enum="report_target",
                    ),
                ),
                ("message_id", chat_project.core.db.fields.CuidField(null=True)),
                (
                    "reason",
                    chat_project.core.db.fields.EnumField(
                        choices=[
                            ("spam", "Spam"),
                            ("violence", "Violence"),
                            ("harassment", "Harassment"),
                            ("child_abuse", "Child Abuse"),
                            ("copyright", "Copyright"),
                            ("impersonation", "Impersonation"),
                            ("other", "Other"),
                        ],
                        enum="report_reason",
                    ),
                ),
                ("details", models.CharField(blank=True, db_default="", default="", max_length=2000)),
                ("evidence", models.JSONField(default=dict)),
                (
                    "status",
                    chat_project.core.db.fields.EnumField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("UNDER_REVIEW", "Under Review"),
                            ("RESOLVED", "Resolved"),
                            ("DISMISSED", "Dismissed"),
                        ],
                        default="PENDING",
                        enum="report_status",
                    ),
                ),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("resolution", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("resolution_note", models.TextField(blank=True, db_default="", default="")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "reported_user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="reports_suffered",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="reports_made",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "user_reports",
                "indexes": [
                    models.Index(fields=["status", "created_at"], name="user_reports_queue_idx"),
                    models.Index(fields=["reporter", "-id"], name="user_reports_reporter_idx"),
                    models.Index(fields=["reported_user", "-id"], name="user_reports_reported_idx"),
                    models.Index(fields=["conversation"], name="user_reports_conversation_idx"),
                    models.Index(fields=["reviewer"], name="user_reports_reviewer_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="user_reports_id_cuid"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ("PENDING", "UNDER_REVIEW")), ("target_type", "USER")),
                        fields=("reporter", "reported_user"),
                        name="user_reports_open_user_key",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("status__in", ("PENDING", "UNDER_REVIEW")), ("target_type", "CONVERSATION")
                        ),
                        fields=("reporter", "conversation"),
                        name="user_reports_open_conv_key",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ("PENDING", "UNDER_REVIEW")), ("target_type", "MESSAGE")),
                        fields=("reporter", "conversation", "message_id"),
                        name="user_reports_open_message_key",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            chat_project.core.db.fields.JsonbTypeof("evidence"), models.Value("object")
                        ),
                        name="user_reports_evidence_object",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("message_id__isnull", False), ("target_type", "MESSAGE")),
                            models.Q(models.Q(("target_type", "MESSAGE"), _negated=True), ("message_id__isnull", True)),
                            _connector="OR",
                        ),
                        name="user_reports_message_given",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ("PENDING", "UNDER_REVIEW")), ("reviewed_at__isnull", False), _connector="OR"
                        ),
                        name="user_reports_review_whole",
                    ),
                ],
            },
        ),
    ]

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import chat_project.core.db.fields
from chat_project.core.db import operations


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0004_public_titles"),
        ("moderation", "0003_audit_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        operations.CreateEnum(
            "moderation_action_kind",
            [
                "TAKE_UP",
                "TAKE_OVER",
                "DELETE_MESSAGE",
                "WARN",
                "SUSPEND",
                "BAN",
                "REMOVE_MEMBER",
                "RESOLVE",
                "DISMISS",
                "LIFT_SUSPENSION",
            ],
        ),
        migrations.AddField(
            model_name="auditseal",
            name="row_macs",
            field=models.BinaryField(db_default=b"", default=b""),
        ),
        migrations.CreateModel(
            name="DailyFigures",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("messages_total", models.BigIntegerField()),
                ("sign_ups", models.IntegerField()),
                ("reports", models.IntegerField()),
                ("files", models.BigIntegerField()),
                ("file_bytes", models.BigIntegerField()),
                ("files_infected", models.BigIntegerField()),
                ("files_failed", models.BigIntegerField()),
                ("counted_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "daily_figures",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("file_bytes__gte", 0),
                            ("files__gte", 0),
                            ("files_failed__gte", 0),
                            ("files_infected__gte", 0),
                            ("messages_total__gte", 0),
                            ("reports__gte", 0),
                            ("sign_ups__gte", 0),
                        ),
                        name="daily_figures_counted",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ModerationAction",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                (
                    "kind",
                    chat_project.core.db.fields.EnumField(
                        choices=[
                            ("TAKE_UP", "Take Up"),
                            ("TAKE_OVER", "Take Over"),
                            ("DELETE_MESSAGE", "Delete Message"),
                            ("WARN", "Warn"),
                            ("SUSPEND", "Suspend"),
                            ("BAN", "Ban"),
                            ("REMOVE_MEMBER", "Remove Member"),
                            ("RESOLVE", "Resolve"),
                            ("DISMISS", "Dismiss"),
                            ("LIFT_SUSPENSION", "Lift Suspension"),
                        ],
                        enum="moderation_action_kind",
                    ),
                ),
                ("message_id", chat_project.core.db.fields.CuidField(null=True)),
                ("note", models.CharField(max_length=2000)),
                ("told", models.CharField(blank=True, db_default="", default="", max_length=1000)),
                ("until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "actor",
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
                    "report",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="actions",
                        to="moderation.userreport",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="moderation_record",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "moderation_actions",
                "indexes": [
                    models.Index(fields=["report", "id"], name="moderation_actions_report_idx"),
                    models.Index(fields=["subject", "-id"], name="moderation_actions_subject_idx"),
                    models.Index(fields=["actor"], name="moderation_actions_actor_idx"),
                    models.Index(
                        condition=models.Q(("conversation__isnull", False)),
                        fields=["conversation"],
                        name="moderation_actions_conv_idx",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="moderation_actions_id_cuid"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "TAKE_UP"),
                            django.db.models.lookups.GreaterThan(chat_project.core.db.fields.CharLength("note"), 0),
                            _connector="OR",
                        ),
                        name="moderation_actions_note_given",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "SUSPEND"), ("until__isnull", False)),
                            models.Q(models.Q(("kind", "SUSPEND"), _negated=True), ("until__isnull", True)),
                            _connector="OR",
                        ),
                        name="moderation_actions_until_given",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(models.Q(("kind", "WARN")), models.Q(("told", ""), _negated=True)),
                            models.Q(models.Q(("kind", "WARN"), _negated=True), ("told", "")),
                            _connector="OR",
                        ),
                        name="moderation_actions_told_given",
                    ),
                ],
            },
        ),
    ]

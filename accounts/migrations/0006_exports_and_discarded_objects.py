import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import chat_project.core.db.fields
from chat_project.core.db import operations
from chat_project.core.db.foreign_keys import ForeignKeyConstraint


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_second_factors"),
    ]

    operations = [
        operations.CreateEnum("export_status", ["PENDING", "RUNNING", "READY", "FAILED"]),
        migrations.CreateModel(
            name="DiscardedObject",
            fields=[
                (
                    "key",
                    chat_project.core.db.fields.BytewiseCharField(max_length=200, primary_key=True, serialize=False),
                ),
                ("discarded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "discarded_objects",
                "indexes": [models.Index(fields=["discarded_at"], name="discarded_objects_age_idx")],
            },
        ),
        migrations.CreateModel(
            name="ExportJob",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                (
                    "status",
                    chat_project.core.db.fields.EnumField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("RUNNING", "Running"),
                            ("READY", "Ready"),
                            ("FAILED", "Failed"),
                        ],
                        default="PENDING",
                        enum="export_status",
                    ),
                ),
                ("done", models.BigIntegerField(db_default=0, default=0)),
                ("total", models.BigIntegerField(db_default=0, default=0)),
                ("object_key", models.CharField(max_length=200, null=True)),
                ("size", models.BigIntegerField(db_default=0, default=0)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("alive_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="exports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "export_jobs",
                "indexes": [
                    models.Index(fields=["user", "-id"], name="export_jobs_user_idx"),
                    models.Index(fields=["expires_at"], name="export_jobs_expiry_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="export_jobs_id_cuid"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ("PENDING", "RUNNING"))),
                        fields=("user",),
                        name="export_jobs_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "READY"), _negated=True),
                            models.Q(
                                ("expires_at__isnull", False),
                                ("finished_at__isnull", False),
                                ("object_key__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="export_jobs_ready_whole",
                    ),
                ],
            },
        ),
        operations.AddForeignKey(
            "export_jobs", ForeignKeyConstraint("export_jobs_user_fk", ("user_id",), "users", "CASCADE")
        ),
    ]

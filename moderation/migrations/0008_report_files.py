import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import chat_project.core.db.fields
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from chat_project.core.db.operations import AddForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0007_rights_over_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportFile",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                ("attachment_id", chat_project.core.db.fields.CuidField()),
                ("file_name", models.CharField(max_length=255)),
                ("mime_type", models.CharField(max_length=127)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("object_key", models.CharField(max_length=200)),
                ("preview_key", models.CharField(max_length=200, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "report",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="files",
                        to="moderation.userreport",
                    ),
                ),
            ],
            options={
                "db_table": "report_files",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="report_files_id_cuid"
                    ),
                    models.UniqueConstraint(fields=("report", "attachment_id"), name="report_files_once_key"),
                    models.CheckConstraint(condition=models.Q(("size__gte", 0)), name="report_files_size_counted"),
                ],
            },
        ),
        AddForeignKey(
            "report_files", ForeignKeyConstraint("report_files_report_fk", ("report_id",), "user_reports", "CASCADE")
        ),
    ]

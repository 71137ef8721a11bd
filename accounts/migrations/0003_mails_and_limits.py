import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import chat_project.core.db.fields
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from chat_project.core.db.operations import AddForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_foreign_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="LimitWindow",
            fields=[
                (
                    "name",
                    chat_project.core.db.fields.BytewiseCharField(max_length=64, primary_key=True, serialize=False),
                ),
                ("count", models.IntegerField()),
                ("ends_at", models.DateTimeField()),
            ],
            options={
                "db_table": "limit_windows",
            },
        ),
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                ("address", models.CharField(blank=True, db_default="", default="", max_length=254)),
                ("kind", models.CharField(max_length=32)),
                ("context", models.JSONField(default=dict)),
                ("attempts", models.IntegerField(db_default=0, default=0)),
                ("due_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="mails",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "outgoing_mails",
                "indexes": [
                    models.Index(fields=["due_at"], name="outgoing_mails_due_idx"),
                    models.Index(fields=["user"], name="outgoing_mails_user_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="outgoing_mails_id_cuid"
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            chat_project.core.db.fields.JsonbTypeof("context"), models.Value("object")
                        ),
                        name="outgoing_mails_context_object",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PendingEmail",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                ("email", models.CharField(max_length=254)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="pending_emails",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "pending_emails",
                "indexes": [
                    models.Index(fields=["email"], name="pending_emails_email_idx"),
                    models.Index(fields=["expires_at"], name="pending_emails_expiry_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="pending_emails_id_cuid"
                    ),
                    models.UniqueConstraint(fields=("user",), name="pending_emails_user_key"),
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="pending_emails_email_lower",
                    ),
                ],
            },
        ),
        AddForeignKey(
            "pending_emails", ForeignKeyConstraint("pending_emails_user_fk", ("user_id",), "users", "CASCADE")
        ),
        AddForeignKey(
            "outgoing_mails", ForeignKeyConstraint("outgoing_mails_user_fk", ("user_id",), "users", "CASCADE")
        ),
    ]

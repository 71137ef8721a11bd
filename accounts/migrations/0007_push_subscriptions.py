import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import chat_project.core.db.fields
from chat_project.core.db import operations
from chat_project.core.db.foreign_keys import ForeignKeyConstraint


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_exports_and_discarded_objects"),
    ]

    operations = [
        migrations.CreateModel(
            name="PushSubscription",
            fields=[
                (
                    "session",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="push",
                        serialize=False,
                        to="accounts.usersession",
                    ),
                ),
                ("endpoint", chat_project.core.db.fields.BytewiseCharField(max_length=1024)),
                ("p256dh", models.BinaryField(max_length=65)),
                ("auth", models.BinaryField(max_length=16)),
                ("shows_text", models.BooleanField(db_default=True, default=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="push_subscriptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "push_subscriptions",
                "indexes": [
                    models.Index(fields=["user"], name="push_subscriptions_user_idx"),
                    models.Index(
                        condition=models.Q(("failing_since__isnull", False)),
                        fields=["failing_since"],
                        name="push_subscriptions_dead_idx",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("endpoint",), name="push_subscriptions_endpoint"),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(chat_project.core.db.fields.OctetLength("p256dh"), 65),
                        name="push_subscriptions_key_length",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(chat_project.core.db.fields.OctetLength("auth"), 16),
                        name="push_subscriptions_auth_length",
                    ),
                ],
            },
        ),
        operations.AddForeignKey(
            "push_subscriptions",
            ForeignKeyConstraint("push_subscriptions_session_fk", ("session_id",), "user_sessions", "CASCADE"),
        ),
        operations.AddForeignKey(
            "push_subscriptions",
            ForeignKeyConstraint("push_subscriptions_user_fk", ("user_id",), "users", "CASCADE"),
        ),
    ]

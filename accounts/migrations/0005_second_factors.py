import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import chat_project.core.db.fields
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from chat_project.core.db.operations import AddForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_sessions_keep_auth_version"),
    ]

    operations = [
        migrations.AddField(
            model_name="usersession",
            name="device_key",
            field=models.CharField(max_length=64, null=True),
        ),
        migrations.CreateModel(
            name="AuthenticatorApp",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user_id", "is_confirmed", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("is_confirmed", models.BooleanField(db_default=False, default=False)),
                ("sealed_secret", models.BinaryField(max_length=512)),
                ("last_step", models.BigIntegerField(db_default=0, default=0)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="authenticator_apps",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "authenticator_apps",
            },
        ),
        migrations.CreateModel(
            name="SpentToken",
            fields=[
                ("digest", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "db_table": "spent_tokens",
                "indexes": [models.Index(fields=["expires_at"], name="spent_tokens_expiry_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(chat_project.core.db.fields.OctetLength("digest"), 32),
                        name="spent_tokens_digest_length",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=64)),
                ("credential_id", models.BinaryField(max_length=1023)),
                ("public_key", models.BinaryField(max_length=2048)),
                ("sign_count", models.BigIntegerField(db_default=0, default=0)),
                ("transports", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("is_backed_up", models.BooleanField(db_default=False, default=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="passkeys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "passkeys",
                "indexes": [models.Index(fields=["user"], name="passkeys_user_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="passkeys_id_cuid"
                    ),
                    models.UniqueConstraint(fields=("credential_id",), name="passkeys_credential_key"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user_id", "digest", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.BinaryField(max_length=32)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "recovery_codes",
                "constraints": [
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(chat_project.core.db.fields.OctetLength("digest"), 32),
                        name="recovery_codes_digest_length",
                    )
                ],
            },
        ),
        AddForeignKey(
            "authenticator_apps",
            ForeignKeyConstraint("authenticator_apps_user_fk", ("user_id",), "users", "CASCADE"),
        ),
        AddForeignKey(
            "recovery_codes", ForeignKeyConstraint("recovery_codes_user_fk", ("user_id",), "users", "CASCADE")
        ),
        AddForeignKey("passkeys", ForeignKeyConstraint("passkeys_user_fk", ("user_id",), "users", "CASCADE")),
    ]

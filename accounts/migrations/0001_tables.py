import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import accounts.privacy
import chat_project.core.db.fields
from chat_project.core.db import operations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        operations.CreateEnum("contact_request_status", ["PENDING", "ACCEPTED", "DECLINED", "BLOCKED"]),
        operations.CreateEnum("name_kind", ["USERNAME", "HANDLE"]),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                ("username", models.CharField(max_length=32, null=True)),
                ("email", models.CharField(max_length=254, null=True)),
                ("phone", models.CharField(blank=True, max_length=16, null=True)),
                ("password", models.CharField(max_length=256)),
                ("display_name", models.CharField(max_length=64)),
                ("bio", models.CharField(blank=True, db_default="", default="", max_length=280)),
                ("avatar_key", models.CharField(blank=True, max_length=200, null=True)),
                ("privacy_settings", models.JSONField(default=accounts.privacy.default_privacy_settings)),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                ("is_verified", models.BooleanField(db_default=False, default=False)),
                ("is_suspended", models.BooleanField(db_default=False, default=False)),
                ("suspended_until", models.DateTimeField(blank=True, null=True)),
                ("suspension_reason", models.CharField(blank=True, db_default="", default="", max_length=500)),
                ("is_bot", models.BooleanField(db_default=False, default=False)),
                ("is_staff", models.BooleanField(db_default=False, default=False)),
                ("is_superuser", models.BooleanField(db_default=False, default=False)),
                ("last_seen_at", models.DateTimeField(blank=True, null=True)),
                ("auth_version", models.IntegerField(db_default=1, default=1)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "db_table": "users",
            },
        ),
        migrations.CreateModel(
            name="BlockedUser",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "blocker_id", "blocked_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reason", models.CharField(blank=True, db_default="", default="", max_length=280)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "blocked",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="blocks_suffered",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "blocker",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="blocks_made",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "blocked_users",
            },
        ),
        migrations.CreateModel(
            name="ContactRequest",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                (
                    "status",
                    chat_project.core.db.fields.EnumField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("ACCEPTED", "Accepted"),
                            ("DECLINED", "Declined"),
                            ("BLOCKED", "Blocked"),
                        ],
                        default="PENDING",
                        enum="contact_request_status",
                    ),
                ),
                ("message", models.CharField(blank=True, db_default="", default="", max_length=280)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("responded_at", models.DateTimeField(null=True)),
                (
                    "from_user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="requests_sent",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to_user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="requests_received",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "contact_requests",
            },
        ),
        migrations.CreateModel(
            name="ReservedName",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kind", "name", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    chat_project.core.db.fields.EnumField(
                        choices=[("USERNAME", "Username"), ("HANDLE", "Handle")], enum="name_kind"
                    ),
                ),
                ("name", models.CharField(max_length=32)),
                ("holder_id", chat_project.core.db.fields.CuidField(null=True)),
                ("reserved_until", models.DateTimeField()),
            ],
            options={
                "db_table": "reserved_names",
                "indexes": [models.Index(fields=["reserved_until"], name="reserved_names_expiry_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", django.db.models.functions.text.Lower("name"))),
                        name="reserved_names_name_lower",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UserSession",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                ("device_name", models.CharField(blank=True, db_default="", default="", max_length=128)),
                ("platform", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("ip_address", models.GenericIPAddressField(null=True)),
                ("user_agent", models.CharField(blank=True, db_default="", default="", max_length=512)),
                ("token_secret", models.BinaryField(max_length=32)),
                ("rotation", models.IntegerField(db_default=1, default=1)),
                ("rotated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("django_session_key", models.CharField(max_length=64, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("last_used_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoke_reason", models.CharField(blank=True, db_default="", default="", max_length=64)),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "user_sessions",
            },
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["is_active", "is_suspended"], name="users_status_idx"),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["username"], name="users_username_prefix_idx", opclasses=["text_pattern_ops"]),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Lower("display_name"), name="text_pattern_ops"
                ),
                name="users_name_prefix_idx",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="users_id_cuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(fields=("username",), name="users_username_key"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(fields=("email",), name="users_email_key"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(fields=("phone",), name="users_phone_key"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("username__regex", "^[a-z][a-z0-9_]{2,31}$")), name="users_username_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))), name="users_email_lower"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("phone__regex", "^\\+[1-9][0-9]{6,14}$")), name="users_phone_e164"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("email__isnull", False), ("username__isnull", False)),
                    ("is_active", False),
                    _connector="OR",
                ),
                name="users_active_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    chat_project.core.db.fields.JsonbTypeof("privacy_settings"), models.Value("object")
                ),
                name="users_privacy_object",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_suspended", True), ("suspended_until__isnull", True), _connector="OR"),
                name="users_suspension_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.GreaterThan(
                    chat_project.core.db.fields.CharLength("display_name"), 0
                ),
                name="users_display_name_given",
            ),
        ),
        migrations.AddIndex(
            model_name="blockeduser",
            index=models.Index(fields=["blocked", "blocker"], name="blocked_users_blocked_idx"),
        ),
        migrations.AddConstraint(
            model_name="blockeduser",
            constraint=models.CheckConstraint(
                condition=models.Q(("blocker", models.F("blocked")), _negated=True), name="blocked_users_two_people"
            ),
        ),
        migrations.AddIndex(
            model_name="contactrequest",
            index=models.Index(fields=["from_user", "status", "-id"], name="contact_requests_from_idx"),
        ),
        migrations.AddIndex(
            model_name="contactrequest",
            index=models.Index(fields=["to_user", "status", "-id"], name="contact_requests_to_idx"),
        ),
        migrations.AddConstraint(
            model_name="contactrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="contact_requests_id_cuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_user", models.F("to_user")), _negated=True),
                name="contact_requests_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactrequest",
            constraint=models.UniqueConstraint(
                django.db.models.functions.comparison.Least("from_user", "to_user"),
                django.db.models.functions.comparison.Greatest("from_user", "to_user"),
                condition=models.Q(("status", "PENDING")),
                name="contact_requests_pending_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactrequest",
            constraint=models.UniqueConstraint(
                django.db.models.functions.comparison.Least("from_user", "to_user"),
                django.db.models.functions.comparison.Greatest("from_user", "to_user"),
                condition=models.Q(("status", "ACCEPTED")),
                name="contact_requests_accepted_key",
            ),
        ),
        migrations.AddIndex(
            model_name="usersession",
            index=models.Index(fields=["user", "revoked_at"], name="user_sessions_user_idx"),
        ),
        migrations.AddIndex(
            model_name="usersession",
            index=models.Index(fields=["expires_at"], name="user_sessions_expiry_idx"),
        ),
        migrations.AddConstraint(
            model_name="usersession",
            constraint=models.CheckConstraint(
                condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="user_sessions_id_cuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="usersession",
            constraint=models.UniqueConstraint(fields=("django_session_key",), name="user_sessions_browser_key"),
        ),
        migrations.AddConstraint(
            model_name="usersession",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(chat_project.core.db.fields.OctetLength("token_secret"), 32),
                name="user_sessions_secret_length",
            ),
        ),
        migrations.AddConstraint(
            model_name="usersession",
            constraint=models.CheckConstraint(
                condition=models.Q(("rotation__gte", 1)), name="user_sessions_rotation_counts"
            ),
        ),
    ]

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import chat_project.core.db.fields
from chat_project.core.db import operations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        operations.CreateEnum("conversation_type", ["DM", "GROUP", "CHANNEL"]),
        operations.CreateEnum("conversation_member_role", ["OWNER", "ADMIN", "MODERATOR", "MEMBER"]),
        operations.CreateEnum("member_left_reason", ["LEFT", "REMOVED", "BANNED"]),
        operations.CreateEnum("join_request_status", ["PENDING", "APPROVED", "DECLINED"]),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", chat_project.core.db.fields.CuidKeyField(primary_key=True, serialize=False)),
                (
                    "type",
                    chat_project.core.db.fields.EnumField(
                        choices=[("DM", "Dm"), ("GROUP", "Group"), ("CHANNEL", "Channel")], enum="conversation_type"
                    ),
                ),
                ("title", models.CharField(blank=True, db_default="", default="", max_length=128)),
                ("description", models.CharField(blank=True, db_default="", default="", max_length=1024)),
                ("handle", models.CharField(blank=True, max_length=32, null=True)),
                ("avatar_key", models.CharField(blank=True, max_length=200, null=True)),
                ("settings", models.JSONField(default=dict)),
                ("dm_key", chat_project.core.db.fields.BytewiseCharField(blank=True, max_length=51, null=True)),
                ("last_seq", models.BigIntegerField(db_default=0, default=0)),
                ("version", models.BigIntegerField(db_default=0, default=0)),
                ("members_version", models.BigIntegerField(db_default=1, default=1)),
                ("last_message_id", chat_project.core.db.fields.CuidField(blank=True, null=True)),
                ("last_message_at", models.DateTimeField(blank=True, null=True)),
                ("member_count", models.IntegerField(db_default=0, default=0)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
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
                "db_table": "conversations",
            },
        ),
        migrations.CreateModel(
            name="ConversationInvite",
            fields=[
                (
                    "code",
                    chat_project.core.db.fields.BytewiseCharField(max_length=32, primary_key=True, serialize=False),
                ),
                ("expires_at", models.DateTimeField(null=True)),
                ("max_uses", models.IntegerField(null=True)),
                ("use_count", models.IntegerField(db_default=0, default=0)),
                ("requires_approval", models.BooleanField(db_default=False, default=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="invites",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "created_by",
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
                "db_table": "conversation_invites",
            },
        ),
        migrations.CreateModel(
            name="ConversationMember",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "conversation_id", "user_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "role",
                    chat_project.core.db.fields.EnumField(
                        choices=[
                            ("OWNER", "Owner"),
                            ("ADMIN", "Admin"),
                            ("MODERATOR", "Moderator"),
                            ("MEMBER", "Member"),
                        ],
                        default="MEMBER",
                        enum="conversation_member_role",
                    ),
                ),
                ("permissions", models.JSONField(default=dict)),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                ("joined_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                (
                    "left_reason",
                    chat_project.core.db.fields.EnumField(
                        blank=True,
                        choices=[("LEFT", "Left"), ("REMOVED", "Removed"), ("BANNED", "Banned")],
                        enum="member_left_reason",
                        null=True,
                    ),
                ),
                ("visible_from_seq", models.BigIntegerField(db_default=1, default=1)),
                ("has_sent", models.BooleanField(db_default=False, default=False)),
                ("last_sent_at", models.DateTimeField(blank=True, null=True)),
                ("is_banned", models.BooleanField(db_default=False, default=False)),
                ("banned_until", models.DateTimeField(blank=True, null=True)),
                ("muted_until", models.DateTimeField(blank=True, null=True)),
                ("last_read_message_id", chat_project.core.db.fields.CuidField(blank=True, null=True)),
                ("last_read_seq", models.BigIntegerField(db_default=0, default=0)),
                ("last_read_at", models.DateTimeField(blank=True, null=True)),
                ("last_delivered_seq", models.BigIntegerField(db_default=0, default=0)),
                ("unread_mention_count", models.IntegerField(db_default=0, default=0)),
                ("is_pinned", models.BooleanField(db_default=False, default=False)),
                ("is_archived", models.BooleanField(db_default=False, default=False)),
                ("draft", models.CharField(blank=True, db_default="", default="", max_length=4096)),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="members",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "conversation_members",
            },
        ),
        migrations.CreateModel(
            name="JoinRequest",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "conversation_id", "user_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "status",
                    chat_project.core.db.fields.EnumField(
                        choices=[("PENDING", "Pending"), ("APPROVED", "Approved"), ("DECLINED", "Declined")],
                        default="PENDING",
                        enum="join_request_status",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="join_requests",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "decided_by",
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
                "db_table": "join_requests",
            },
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["type"], name="conversations_type_idx"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["owner"], name="conversations_owner_idx"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["created_at"], name="conversations_created_idx"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["updated_at"], name="conversations_updated_idx"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["handle"], name="conversations_handle_prefix", opclasses=["text_pattern_ops"]),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(("id__regex", "^c[0-9a-z]{24}$")), name="conversations_id_cuid"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(fields=("dm_key",), name="conversations_dm_key"),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(fields=("handle",), name="conversations_handle_key"),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(("handle__regex", "^[a-z][a-z0-9_]{4,31}$")), name="conversations_handle_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    chat_project.core.db.fields.JsonbTypeof("settings"), models.Value("object")
                ),
                name="conversations_settings_object",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("dm_key__isnull", False),
                        ("handle__isnull", True),
                        ("owner__isnull", True),
                        ("title", ""),
                        ("type", "DM"),
                    ),
                    models.Q(models.Q(("type", "DM"), _negated=True), ("dm_key__isnull", True)),
                    _connector="OR",
                ),
                name="conversations_dm_shape",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dm_key__regex", "^c[0-9a-z]{24}:c[0-9a-z]{24}$"),
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Left("dm_key", 25),
                        django.db.models.functions.text.Right("dm_key", 25),
                    ),
                ),
                name="conversations_dm_key_sorted",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("type", "DM"),
                    django.db.models.lookups.GreaterThan(chat_project.core.db.fields.CharLength("title"), 0),
                    _connector="OR",
                ),
                name="conversations_title_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("last_seq__gte", 0), ("members_version__gte", 1), ("version__gte", models.F("last_seq"))
                ),
                name="conversations_counters_grow",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(("member_count__gte", 0)), name="conversations_members_counted"
            ),
        ),
        migrations.AddIndex(
            model_name="conversationinvite",
            index=models.Index(fields=["conversation", "-created_at"], name="invites_conversation_idx"),
        ),
        migrations.AddIndex(
            model_name="conversationinvite",
            index=models.Index(fields=["created_by", "conversation"], name="invites_created_by_idx"),
        ),
        migrations.AddConstraint(
            model_name="conversationinvite",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_uses__isnull", True), ("max_uses__range", (1, 99999)), _connector="OR"),
                name="invites_max_uses_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversationinvite",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("use_count__gte", 0),
                    models.Q(("max_uses__isnull", True), ("use_count__lte", models.F("max_uses")), _connector="OR"),
                ),
                name="invites_uses_counted",
            ),
        ),
        migrations.AddIndex(
            model_name="conversationmember",
            index=models.Index(fields=["conversation", "is_active"], name="members_conversation_idx"),
        ),
        migrations.AddIndex(
            model_name="conversationmember",
            index=models.Index(fields=["user", "is_active"], name="members_user_idx"),
        ),
        migrations.AddIndex(
            model_name="conversationmember",
            index=models.Index(fields=["conversation", "last_read_at"], name="members_read_idx"),
        ),
        migrations.AddIndex(
            model_name="conversationmember",
            index=models.Index(
                condition=models.Q(("invited_by__isnull", False)), fields=["invited_by"], name="members_invited_by_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversationmember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("role", "OWNER")), fields=("conversation",), name="conversation_members_owner_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversationmember",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    chat_project.core.db.fields.JsonbTypeof("permissions"), models.Value("object")
                ),
                name="members_permissions_object",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversationmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("is_active", True),
                        ("is_banned", False),
                        ("left_at__isnull", True),
                        ("left_reason__isnull", True),
                    ),
                    models.Q(("is_active", False), ("left_at__isnull", False), ("left_reason__isnull", False)),
                    _connector="OR",
                ),
                name="members_active_or_left",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversationmember",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_banned", True), ("banned_until__isnull", True), _connector="OR"),
                name="members_ban_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversationmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("last_delivered_seq__gte", 0),
                    ("last_read_seq__gte", 0),
                    ("unread_mention_count__gte", 0),
                    ("visible_from_seq__gte", 1),
                ),
                name="members_counters_grow",
            ),
        ),
        migrations.AddIndex(
            model_name="joinrequest",
            index=models.Index(
                condition=models.Q(("status", "PENDING")),
                fields=["conversation", "created_at"],
                name="join_requests_pending_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="joinrequest",
            index=models.Index(fields=["user"], name="join_requests_user_idx"),
        ),
        migrations.AddIndex(
            model_name="joinrequest",
            index=models.Index(fields=["decided_by"], name="join_requests_decided_by_idx"),
        ),
        migrations.AddConstraint(
            model_name="joinrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("status", "PENDING")),
                    models.Q(models.Q(("status", "PENDING"), _negated=True), ("decided_at__isnull", False)),
                    _connector="OR",
                ),
                name="join_requests_decision_whole",
            ),
        ),
    ]

from django.db import migrations

from chat_project.core.db.foreign_keys import ForeignKeyConstraint, ForeignKeyReplacement
from chat_project.core.db.operations import AddForeignKey, ReplaceForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_tables"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [
        AddForeignKey(
            "contact_requests", ForeignKeyConstraint("contact_requests_from_fk", ("from_user_id",), "users", "CASCADE")
        ),
        AddForeignKey(
            "contact_requests", ForeignKeyConstraint("contact_requests_to_fk", ("to_user_id",), "users", "CASCADE")
        ),
        AddForeignKey(
            "blocked_users", ForeignKeyConstraint("blocked_users_blocker_fk", ("blocker_id",), "users", "CASCADE")
        ),
        AddForeignKey(
            "blocked_users", ForeignKeyConstraint("blocked_users_blocked_fk", ("blocked_id",), "users", "CASCADE")
        ),
        AddForeignKey("user_sessions", ForeignKeyConstraint("user_sessions_user_fk", ("user_id",), "users", "CASCADE")),
        ReplaceForeignKey(
            ForeignKeyReplacement(
                "users_groups",
                "users_groups_user_id_f500bee5_fk_users_id",
                ForeignKeyConstraint("users_groups_user_fk", ("user_id",), "users", "CASCADE"),
            )
        ),
        ReplaceForeignKey(
            ForeignKeyReplacement(
                "users_user_permissions",
                "users_user_permissions_user_id_92473840_fk_users_id",
                ForeignKeyConstraint("users_user_permissions_user_fk", ("user_id",), "users", "CASCADE"),
            )
        ),
        ReplaceForeignKey(
            ForeignKeyReplacement(
                "django_admin_log",
                "django_admin_log_user_id_c564eba6_fk_users_id",
                ForeignKeyConstraint("django_admin_log_user_fk", ("user_id",), "users", "CASCADE"),
            )
        ),
    ]

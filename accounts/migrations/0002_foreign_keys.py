from django.db import migrations

from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from chat_project.core.db.operations import AddForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_tables"),
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
    ]

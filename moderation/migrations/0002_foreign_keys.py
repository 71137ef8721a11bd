from django.db import migrations

from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from chat_project.core.db.operations import AddForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0001_tables"),
        ("conversations", "0002_foreign_keys"),
    ]

    operations = [
        AddForeignKey(
            "user_reports", ForeignKeyConstraint("user_reports_reporter_fk", ("reporter_id",), "users", "SET NULL")
        ),
        AddForeignKey(
            "user_reports", ForeignKeyConstraint("user_reports_reported_fk", ("reported_user_id",), "users", "SET NULL")
        ),
        AddForeignKey(
            "user_reports",
            ForeignKeyConstraint("user_reports_conversation_fk", ("conversation_id",), "conversations", "SET NULL"),
        ),
        AddForeignKey(
            "user_reports", ForeignKeyConstraint("user_reports_reviewer_fk", ("reviewer_id",), "users", "SET NULL")
        ),
    ]

from django.db import migrations

from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from chat_project.core.db.operations import AddForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0004_work_of_moderators"),
    ]

    operations = [
        AddForeignKey(
            "moderation_actions",
            ForeignKeyConstraint("moderation_actions_report_fk", ("report_id",), "user_reports", "SET NULL"),
        ),
        AddForeignKey(
            "moderation_actions",
            ForeignKeyConstraint("moderation_actions_actor_fk", ("actor_id",), "users", "SET NULL"),
        ),
        AddForeignKey(
            "moderation_actions",
            ForeignKeyConstraint("moderation_actions_subject_fk", ("subject_id",), "users", "CASCADE"),
        ),
        AddForeignKey(
            "moderation_actions",
            ForeignKeyConstraint("moderation_actions_conv_fk", ("conversation_id",), "conversations", "SET NULL"),
        ),
    ]

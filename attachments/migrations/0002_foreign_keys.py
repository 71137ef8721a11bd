from django.db import migrations

from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from chat_project.core.db.operations import AddForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0001_tables"),
        ("messaging", "0002_foreign_keys"),
    ]

    operations = [
        AddForeignKey(
            "attachments",
            ForeignKeyConstraint("attachments_conversation_fk", ("conversation_id",), "conversations", "CASCADE"),
        ),
        AddForeignKey(
            "attachments",
            ForeignKeyConstraint(
                "attachments_message_fk",
                ("conversation_id", "message_id"),
                "messages",
                "SET NULL",
                to_columns=("conversation_id", "id"),
                null_columns=("message_id",),
            ),
        ),
        AddForeignKey(
            "attachments", ForeignKeyConstraint("attachments_uploader_fk", ("uploader_id",), "users", "SET NULL")
        ),
    ]

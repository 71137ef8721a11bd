from django.db import migrations

from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from chat_project.core.db.operations import AddForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0001_tables"),
        ("conversations", "0002_foreign_keys"),
    ]

    operations = [
        AddForeignKey(
            "messages",
            ForeignKeyConstraint("messages_conversation_fk", ("conversation_id",), "conversations", "CASCADE"),
        ),
        AddForeignKey("messages", ForeignKeyConstraint("messages_sender_fk", ("sender_id",), "users", "SET NULL")),
        AddForeignKey(
            "messages", ForeignKeyConstraint("messages_deleted_by_fk", ("deleted_by_id",), "users", "SET NULL")
        ),
        AddForeignKey(
            "messages", ForeignKeyConstraint("messages_pinned_by_fk", ("pinned_by_id",), "users", "SET NULL")
        ),
        AddForeignKey(
            "messages",
            ForeignKeyConstraint(
                "messages_reply_to_fk",
                ("conversation_id", "reply_to_id"),
                "messages",
                "SET NULL",
                to_columns=("conversation_id", "id"),
                null_columns=("reply_to_id",),
            ),
        ),
        AddForeignKey(
            "message_reactions",
            ForeignKeyConstraint(
                "message_reactions_message_fk",
                ("conversation_id", "message_id"),
                "messages",
                "CASCADE",
                to_columns=("conversation_id", "id"),
            ),
        ),
        AddForeignKey(
            "message_reactions", ForeignKeyConstraint("message_reactions_user_fk", ("user_id",), "users", "CASCADE")
        ),
        AddForeignKey(
            "message_mentions",
            ForeignKeyConstraint(
                "message_mentions_message_fk",
                ("conversation_id", "message_id"),
                "messages",
                "CASCADE",
                to_columns=("conversation_id", "id"),
            ),
        ),
        AddForeignKey(
            "message_mentions", ForeignKeyConstraint("message_mentions_user_fk", ("user_id",), "users", "CASCADE")
        ),
        AddForeignKey(
            "message_edits",
            ForeignKeyConstraint(
                "message_edits_message_fk",
                ("conversation_id", "message_id"),
                "messages",
                "CASCADE",
                to_columns=("conversation_id", "id"),
            ),
        ),
        AddForeignKey(
            "message_edits", ForeignKeyConstraint("message_edits_by_fk", ("edited_by_id",), "users", "SET NULL")
        ),
        AddForeignKey(
            "message_receipts",
            ForeignKeyConstraint(
                "message_receipts_message_fk",
                ("conversation_id", "message_id"),
                "messages",
                "CASCADE",
                to_columns=("conversation_id", "id"),
            ),
        ),
        AddForeignKey(
            "message_receipts", ForeignKeyConstraint("message_receipts_user_fk", ("user_id",), "users", "CASCADE")
        ),
    ]

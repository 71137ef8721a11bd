from django.db import migrations

from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from chat_project.core.db.operations import AddForeignKey, SetFillfactor


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0001_tables"),
        ("accounts", "0002_foreign_keys"),
    ]

    operations = [
        AddForeignKey(
            "conversations", ForeignKeyConstraint("conversations_owner_fk", ("owner_id",), "users", "SET NULL")
        ),
        AddForeignKey(
            "conversation_invites",
            ForeignKeyConstraint("conversation_invites_conv_fk", ("conversation_id",), "conversations", "CASCADE"),
        ),
        AddForeignKey(
            "conversation_invites",
            ForeignKeyConstraint("conversation_invites_by_fk", ("created_by_id",), "users", "SET NULL"),
        ),
        AddForeignKey(
            "join_requests",
            ForeignKeyConstraint("join_requests_conversation_fk", ("conversation_id",), "conversations", "CASCADE"),
        ),
        AddForeignKey("join_requests", ForeignKeyConstraint("join_requests_user_fk", ("user_id",), "users", "CASCADE")),
        AddForeignKey(
            "join_requests",
            ForeignKeyConstraint("join_requests_decided_by_fk", ("decided_by_id",), "users", "SET NULL"),
        ),
        AddForeignKey(
            "conversation_members",
            ForeignKeyConstraint("conversation_members_conv_fk", ("conversation_id",), "conversations", "CASCADE"),
        ),
        AddForeignKey(
            "conversation_members",
            ForeignKeyConstraint("conversation_members_user_fk", ("user_id",), "users", "CASCADE"),
        ),
        AddForeignKey(
            "conversation_members",
            ForeignKeyConstraint("conversation_members_by_fk", ("invited_by_id",), "users", "SET NULL"),
        ),
        SetFillfactor("conversations", 80),
        SetFillfactor("conversation_members", 80),
    ]

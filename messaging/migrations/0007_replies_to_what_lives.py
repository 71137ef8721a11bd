from importlib import import_module

from django.db import migrations

from chat_project.core.db.operations import ReplaceFunction

FORMER = import_module("messaging.migrations.0003_append_messages").APPEND.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
# What has expired is no message to answer, also before it is made a tombstone; and nobody reads what is encrypted
# without what came with it.
APPEND = FORMER.replace(
    "AND NOT m.is_deleted AND m.seq >= member.visible_from_seq",
    "AND NOT m.is_deleted AND (m.expires_at > message_created_at) IS NOT FALSE\n"
    "                    AND m.seq >= member.visible_from_seq",
).replace(
    "'content', m.content, 'is_deleted', false,",
    "'is_deleted', false,\n                    'content', CASE WHEN m.encryption IS NULL THEN m.content ELSE '' END,",
)


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0006_archive_segments"),
    ]

    operations = [
        ReplaceFunction("append_messages", "jsonb, boolean", APPEND, former=FORMER),
    ]

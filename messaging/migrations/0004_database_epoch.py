from django.db import migrations

from chat_project.core.db.operations import CreateFunction

FIRST = "INSERT INTO database_epochs (value) VALUES (replace(gen_random_uuid()::text, '-', ''));"

# A client that holds versions of another epoch knows of changes that this database never had. A dump restored
# elsewhere meets another system or database; restored in place, another table; a replica that took over without the
# last changes writes on another timeline.
EPOCH = """
CREATE FUNCTION database_epoch() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT md5(concat_ws(
        ':',
        (SELECT value FROM database_epochs),
        (SELECT system_identifier FROM pg_control_system()),
        (SELECT oid FROM pg_database WHERE datname = current_database()),
        to_regclass('database_epochs')::oid,
        CASE
            WHEN pg_is_in_recovery() THEN (SELECT lpad(to_hex(timeline_id), 8, '0') FROM pg_control_checkpoint())
            ELSE lower(left(pg_walfile_name(pg_current_wal_lsn()), 8))
        END
    ))
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0003_append_messages"),
    ]

    operations = [
        migrations.RunSQL(FIRST, "DELETE FROM database_epochs;"),
        CreateFunction("database_epoch", "", EPOCH),
    ]

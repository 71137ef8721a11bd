from django.db import migrations

from chat_project.core.db.operations import AddTrigger, CreateFunction
from chat_project.core.db.triggers import Trigger

REFUSE = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
"""

FLOOR = """
CREATE FUNCTION cuid_floor(moment timestamptz) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    remaining bigint := floor(extract(epoch FROM moment) * 1000);
    digits text := '';
BEGIN
    FOR position IN 1..8 LOOP
        digits := substr('0123456789abcdefghijklmnopqrstuvwxyz', (remaining % 36)::integer + 1, 1) || digits;
        remaining := remaining / 36;
    END LOOP;
    RETURN 'c' || digits;
END
$$;
"""

# The server's own role owns no table, so it makes months with the owner's rights.
#
# A month is made apart and then attached, since CREATE … PARTITION OF would wait for every reader of the log, a dump
# say, and hold up every writer meanwhile. Its TRUNCATE trigger is its own: a row trigger of a partitioned table
# stands on each partition too, one on TRUNCATE does not. Whatever default privileges give away is taken back: a
# partition is reached through the log alone.
MONTHS = """
CREATE FUNCTION audit_make_partitions(months integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    this_month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    month timestamp;
    partition text;
    grantee text;
    made integer := 0;
BEGIN
    IF months IS NULL OR months NOT BETWEEN 0 AND 120 THEN
        RAISE EXCEPTION 'audit_make_partitions takes 0 to 120 months, not %', months
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Two calls at once take turns.
    LOCK TABLE audit_logs IN SHARE UPDATE EXCLUSIVE MODE;
    -- From one month back, for a host whose clock is behind the database's.
    FOR ahead IN -1..months LOOP
        month := this_month + make_interval(months => ahead);
        partition := 'audit_logs_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE audit_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition);
        EXECUTE format(
            'ALTER TABLE audit_logs ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            partition,
            cuid_floor(month AT TIME ZONE 'UTC'),
            cuid_floor((month + interval '1 month') AT TIME ZONE 'UTC')
        );
        EXECUTE format(
            'CREATE TRIGGER audit_logs_no_truncate BEFORE TRUNCATE ON %I '
            'FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()',
            partition
        );
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER audit_logs_no_truncate', partition);
        FOR grantee IN
            SELECT DISTINCT CASE WHEN item.grantee = 0 THEN 'PUBLIC' ELSE item.grantee::regrole::text END
            FROM pg_class AS class, aclexplode(class.relacl) AS item
            WHERE class.oid = to_regclass(partition) AND item.grantee <> class.relowner
        LOOP
            EXECUTE format('REVOKE ALL ON TABLE %I FROM %s', partition, grantee);
        END LOOP;
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;
"""

# The months that are there already, where this is taken back and applied again, want their trigger too.
FIRST_MONTHS = """
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass LOOP
        EXECUTE format(
            'CREATE TRIGGER audit_logs_no_truncate BEFORE TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()',
            partition
        );
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_logs_no_truncate', partition);
    END LOOP;
END
$$;
SELECT audit_make_partitions(24);
"""

# What the months have of their own; the log's row trigger goes with the log's.
NO_TRIGGERS = """
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass LOOP
        EXECUTE format('DROP TRIGGER audit_logs_no_truncate ON %s', partition);
    END LOOP;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0002_foreign_keys"),
    ]

    operations = [
        CreateFunction("audit_refuse_change", "", REFUSE),
        AddTrigger("audit_logs", Trigger("audit_logs_append_only", "UPDATE OR DELETE", "ROW", "audit_refuse_change")),
        AddTrigger("audit_logs", Trigger("audit_logs_no_truncate", "TRUNCATE", "STATEMENT", "audit_refuse_change")),
        AddTrigger("audit_seals", Trigger("audit_seals_append_only", "UPDATE OR DELETE", "ROW", "audit_refuse_change")),
        AddTrigger("audit_seals", Trigger("audit_seals_no_truncate", "TRUNCATE", "STATEMENT", "audit_refuse_change")),
        CreateFunction("cuid_floor", "timestamptz", FLOOR),
        CreateFunction("audit_make_partitions", "integer", MONTHS, definer=True),
        migrations.RunSQL(FIRST_MONTHS, NO_TRIGGERS),
    ]

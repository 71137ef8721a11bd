from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

-- A row trigger of a partitioned table stands on each of its partitions too; one on TRUNCATE does not.
CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE ON audit_logs
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_logs_no_truncate BEFORE TRUNCATE ON audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE ON audit_seals
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_seals_no_truncate BEFORE TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""

NOT_APPEND_ONLY = """
DROP TRIGGER audit_seals_no_truncate ON audit_seals;
DROP TRIGGER audit_seals_append_only ON audit_seals;
DROP TRIGGER audit_logs_no_truncate ON audit_logs;
DROP TRIGGER audit_logs_append_only ON audit_logs;
"""

# SECURITY DEFINER: the server's own role owns no table, so it makes months with the owner's rights.
MONTHS = """
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

CREATE FUNCTION audit_make_partitions(months integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    this_month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    month timestamp;
    partition text;
    made integer := 0;
BEGIN
    -- From one month back, for a host whose clock is behind the database's.
    FOR ahead IN -1..months LOOP
        month := this_month + make_interval(months => ahead);
        partition := 'audit_logs_' || to_char(month, 'YYYY_MM');
        IF to_regclass(partition) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF audit_logs FOR VALUES FROM (%L) TO (%L)',
                partition,
                cuid_floor(month AT TIME ZONE 'UTC'),
                cuid_floor((month + interval '1 month') AT TIME ZONE 'UTC')
            );
            EXECUTE format(
                'CREATE TRIGGER audit_logs_no_truncate BEFORE TRUNCATE ON %I '
                'FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()',
                partition
            );
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END
$$;

REVOKE ALL ON FUNCTION audit_make_partitions(integer) FROM PUBLIC;
SELECT audit_make_partitions(24);
"""

NO_MONTHS = """
DROP FUNCTION audit_make_partitions(integer);
DROP FUNCTION cuid_floor(timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0002_foreign_keys"),
    ]

    operations = [
        migrations.RunSQL(APPEND_ONLY, f"{NOT_APPEND_ONLY} DROP FUNCTION audit_refuse_change() CASCADE;"),
        migrations.RunSQL(MONTHS, NO_MONTHS),
    ]

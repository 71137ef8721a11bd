import json
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import Error, connection

from chat_project.core.db.rights import grant_rights
from chat_project.schema.validation import validate
from tests.factories import UserFactory

THIS_MONTH = f"audit_logs_{datetime.now(UTC):%Y_%m}"


def test_a_clean_database_passes(findings_after):
    assert findings_after() == []


def test_a_missing_table_is_found(findings_after):
    assert findings_after("DROP TABLE message_reactions, message_receipts") == [
        "table message_reactions: is missing",
        "table message_receipts: is missing",
    ]


def test_a_missing_column_is_found(findings_after):
    assert findings_after("ALTER TABLE users DROP COLUMN bio") == ["column users.bio: is missing"]


@pytest.mark.parametrize(
    ("change", "now"),
    [
        ("TYPE varchar(999)", "character varying(999) NOT NULL DEFAULT ''::character varying"),
        ("DROP NOT NULL", "character varying(280) DEFAULT ''::character varying"),
        ("DROP DEFAULT", "character varying(280) NOT NULL"),
        (
            'TYPE varchar(280) COLLATE "C"',
            "character varying(280) COLLATE \"C\" NOT NULL DEFAULT ''::character varying",
        ),
    ],
)
def test_a_changed_column_is_found(findings_after, change, now):
    should = "character varying(280) NOT NULL DEFAULT ''::character varying"
    assert findings_after(f"ALTER TABLE users ALTER COLUMN bio {change}") == [
        f"column users.bio: is {now}, should be {should}"
    ]


def test_a_foreign_column_that_refuses_rows_is_found(findings_after):
    assert findings_after("ALTER TABLE users ADD COLUMN shoe_size integer NOT NULL") == [
        "column users.shoe_size: belongs to no model, and refuses rows that do not name it"
    ]


def test_a_column_and_an_index_besides_are_remarks(findings_after):
    assert findings_after("ALTER TABLE users ADD shoe_size integer", "CREATE INDEX tried ON users (shoe_size)") == []
    remarks = [str(remark) for remark in validate(connection, connection.settings_dict["USER"]).remarks]
    assert "column users.shoe_size: belongs to no model" in remarks
    assert "index users.tried: belongs to no model: CREATE INDEX tried ON users USING btree (shoe_size)" in remarks


def test_a_missing_enum_value_is_found(findings_after):
    assert findings_after("ALTER TYPE message_type RENAME VALUE 'AUDIO' TO 'SOUND'")[0] == (
        "enum message_type: lacks AUDIO"
    )


def test_an_enum_value_too_many_is_found(findings_after):
    assert findings_after("ALTER TYPE receipt_type ADD VALUE 'HEARD' BEFORE 'READ'") == [
        "enum receipt_type: has the values DELIVERED, HEARD, READ, should have DELIVERED, READ"
    ]


def test_a_missing_index_is_found(findings_after):
    assert findings_after("DROP INDEX members_user_idx") == ["index conversation_members.members_user_idx: is missing"]


def test_a_missing_index_of_a_partitioned_table_is_found(findings_after):
    assert findings_after("DROP INDEX messages_sync_idx") == ["index messages.messages_sync_idx: is missing"]


def test_an_index_without_its_condition_is_found(findings_after):
    found = findings_after(
        "DROP INDEX messages_reply_idx",
        "CREATE INDEX messages_reply_idx ON messages (conversation_id, reply_to_id)",
    )
    assert len(found) == 1
    assert found[0].endswith(
        "should be CREATE INDEX messages_reply_idx ON ONLY messages USING btree "
        "(conversation_id, reply_to_id) WHERE reply_to_id IS NOT NULL"
    )


def test_an_index_that_stands_on_one_partition_alone_is_found_invalid(findings_after):
    found = findings_after(
        "DROP INDEX messages_sync_idx",
        "CREATE INDEX messages_sync_idx ON ONLY messages (conversation_id, version)",
        "CREATE INDEX part ON messages_p00 (conversation_id, version)",
        "ALTER INDEX messages_sync_idx ATTACH PARTITION part",
    )
    assert found[0] == "index messages.messages_sync_idx: is invalid: no query uses it"
    assert found[1:] == [f"index messages_p{n:02}.messages_sync_idx: is missing" for n in range(1, 16)]


@pytest.mark.django_db(transaction=True)
def test_an_index_whose_build_failed_is_found():
    UserFactory(bio="twin")
    UserFactory(bio="twin")
    with connection.cursor() as cursor:
        with pytest.raises(Error):
            cursor.execute("CREATE UNIQUE INDEX CONCURRENTLY users_bio_key ON users (bio)")
        found = [str(finding) for finding in validate(connection, connection.settings_dict["USER"]).findings]
        cursor.execute("DROP INDEX users_bio_key")
    assert found == ["index users.users_bio_key: is invalid: no query uses it"]


@pytest.mark.parametrize(
    "name", ["users_email_key", "users_privacy_object", "users_phone_e164"], ids=["unique", "object", "form"]
)
def test_a_dropped_constraint_is_found(findings_after, name):
    assert findings_after(f"ALTER TABLE users DROP CONSTRAINT {name}") == [f"constraint users.{name}: is missing"]


def test_a_dropped_primary_key_is_found(findings_after):
    assert findings_after("ALTER TABLE message_reactions DROP CONSTRAINT message_reactions_pkey") == [
        "constraint message_reactions.message_reactions_pkey: is missing"
    ]


def test_a_dropped_unique_index_is_found(findings_after):
    assert findings_after("DROP INDEX messages_client_id_key") == ["index messages.messages_client_id_key: is missing"]


def test_a_loosened_constraint_is_found(findings_after):
    assert findings_after(
        "ALTER TABLE user_sessions DROP CONSTRAINT user_sessions_rotation_counts",
        "ALTER TABLE user_sessions ADD CONSTRAINT user_sessions_rotation_counts CHECK (rotation >= 0)",
    ) == [
        "constraint user_sessions.user_sessions_rotation_counts: "
        "is CHECK (rotation >= 0), should be CHECK (rotation >= 1)"
    ]


def test_a_constraint_that_was_never_validated_is_found(findings_after):
    assert findings_after(
        "ALTER TABLE user_sessions DROP CONSTRAINT user_sessions_rotation_counts",
        "ALTER TABLE user_sessions ADD CONSTRAINT user_sessions_rotation_counts CHECK (rotation >= 1) NOT VALID",
    ) == ["constraint user_sessions.user_sessions_rotation_counts: is not validated: rows from before it may break it"]


def test_a_constraint_of_somebody_else_is_found(findings_after):
    assert findings_after("ALTER TABLE users ADD CONSTRAINT short CHECK (char_length(bio) < 9)") == [
        "constraint users.short: belongs to no model: CHECK (char_length(bio::text) < 9)"
    ]


def test_a_dropped_foreign_key_is_found(findings_after):
    assert findings_after("ALTER TABLE messages DROP CONSTRAINT messages_sender_fk") == [
        "constraint messages.messages_sender_fk: is missing"
    ]


@pytest.mark.parametrize("on_delete", ["SET NULL", "CASCADE", "NO ACTION"])
def test_a_foreign_key_with_another_on_delete_is_found(findings_after, on_delete):
    """`SET NULL` without its column would clear the conversation too."""
    key = "FOREIGN KEY (conversation_id, reply_to_id) REFERENCES messages(conversation_id, id)"
    [found] = findings_after(
        "ALTER TABLE messages DROP CONSTRAINT messages_reply_to_fk",
        f"ALTER TABLE messages ADD CONSTRAINT messages_reply_to_fk {key} ON DELETE {on_delete}",
    )
    assert found.startswith(f"constraint messages.messages_reply_to_fk: is {key}")
    assert found.endswith(f"should be {key} ON DELETE SET NULL (reply_to_id)")


def test_a_foreign_key_that_is_not_enforced_is_found(transactional_db, superuser):
    with superuser.cursor() as cursor:
        cursor.execute("ALTER TABLE passkeys DISABLE TRIGGER ALL")
        try:
            found = [str(finding) for finding in validate(connection, connection.settings_dict["USER"]).findings]
        finally:
            cursor.execute("ALTER TABLE passkeys ENABLE TRIGGER ALL")
    assert found == [
        "foreign key passkeys_user_fk: is not kept: its triggers on passkeys are disabled",
    ]


def test_a_missing_partition_is_found(findings_after):
    assert findings_after("DROP TABLE message_receipts_p07") == [
        "table message_receipts: lacks the partition of remainder 7 of 16, or a part of it"
    ]


def test_a_detached_partition_is_found(findings_after):
    assert findings_after("ALTER TABLE messages DETACH PARTITION messages_p07") == [
        "table messages: lacks the partition of remainder 7 of 16, or a part of it"
    ]


def test_a_partition_that_was_divided_is_whole(findings_after):
    assert (
        findings_after(
            "DROP TABLE message_receipts_p07",
            "CREATE TABLE r1 PARTITION OF message_receipts FOR VALUES WITH (MODULUS 32, REMAINDER 7)",
            "CREATE TABLE r2 PARTITION OF message_receipts FOR VALUES WITH (MODULUS 32, REMAINDER 23)",
        )
        == []
    )
    assert findings_after("DROP TABLE r2") == [
        "table message_receipts: lacks the partition of remainder 7 of 16, or a part of it"
    ]


def test_a_missing_month_of_the_audit_log_is_found(findings_after):
    assert findings_after(f"ALTER TABLE audit_logs DETACH PARTITION {THIS_MONTH}") == [
        f"table audit_logs: lacks the partition of {datetime.now(UTC):%Y-%m}"
    ]


def test_a_missing_month_that_is_far_away_is_a_remark(findings_after):
    last = _audit_partitions()[-1]
    assert findings_after(f"DROP TABLE {last}") == []
    remarks = [str(remark) for remark in validate(connection, connection.settings_dict["USER"]).remarks]
    assert "table audit_logs: has partitions for 23 months ahead, not 24" in remarks


def test_a_disabled_trigger_is_found(findings_after):
    assert findings_after("ALTER TABLE audit_seals DISABLE TRIGGER audit_seals_append_only") == [
        "trigger audit_seals.audit_seals_append_only: is disabled"
    ]


def test_a_trigger_that_is_disabled_on_one_partition_is_found(findings_after):
    assert findings_after(f"ALTER TABLE {THIS_MONTH} DISABLE TRIGGER audit_logs_append_only") == [
        f"trigger {THIS_MONTH}.audit_logs_append_only: is disabled"
    ]


def test_a_trigger_that_a_replica_would_skip_is_found(findings_after):
    assert findings_after("ALTER TABLE audit_seals ENABLE TRIGGER audit_seals_append_only") == [
        "trigger audit_seals.audit_seals_append_only: fires as O, should as A (pg_trigger.tgenabled)"
    ]


def test_a_dropped_trigger_is_found(findings_after):
    assert findings_after(f"DROP TRIGGER audit_logs_no_truncate ON {THIS_MONTH}") == [
        f"trigger {THIS_MONTH}.audit_logs_no_truncate: is missing"
    ]


def test_a_changed_trigger_is_found(findings_after):
    [found] = findings_after(
        "DROP TRIGGER audit_seals_append_only ON audit_seals",
        "CREATE TRIGGER audit_seals_append_only BEFORE UPDATE ON audit_seals "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuse_change()",
    )
    assert found.startswith("trigger audit_seals.audit_seals_append_only: is CREATE TRIGGER")
    assert "should be" in found


def test_a_changed_function_is_found(findings_after):
    assert findings_after(
        "CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN coalesce(NEW, OLD); END'"
    ) == ["function audit_refuse_change(): is not the one that the migrations make"]


def test_a_function_that_lost_its_search_path_is_found(findings_after):
    assert findings_after("ALTER FUNCTION audit_make_partitions(integer) RESET search_path") == [
        "function audit_make_partitions(months integer): is not the one that the migrations make"
    ]


def test_a_missing_function_is_found(findings_after):
    assert findings_after("DROP FUNCTION append_messages(jsonb, boolean)") == [
        "function append_messages(drafts jsonb, wait boolean): is missing"
    ]


def test_a_lost_fillfactor_is_found(findings_after):
    assert findings_after("ALTER TABLE conversations RESET (fillfactor)") == [
        "table conversations: lacks the storage option fillfactor=80"
    ]


def test_an_unlogged_table_is_found(findings_after):
    assert findings_after("ALTER TABLE reserved_names SET UNLOGGED") == [
        "table reserved_names: is unlogged: a crash empties it"
    ]


def test_a_migration_that_is_not_applied_is_found(findings_after):
    assert findings_after("DELETE FROM django_migrations WHERE app = 'sessions' AND name = '0001_initial'") == [
        "migration sessions.0001_initial: is not applied"
    ]


@pytest.mark.parametrize(
    ("too_much", "said"),
    [
        ("UPDATE ON audit_logs", "may UPDATE on audit_logs"),
        ("UPDATE (details) ON audit_logs", "may UPDATE on audit_logs"),
        ("DELETE ON audit_seals", "may DELETE on audit_seals"),
        (f"INSERT ON {THIS_MONTH}", f"may INSERT on {THIS_MONTH}"),
        ("DELETE ON django_migrations", "may DELETE on django_migrations"),
    ],
)
def test_rights_that_the_server_must_not_have_are_found(transactional_db, server_role, too_much, said):
    grant_rights(connection, server_role)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT {too_much} TO {server_role}")
    assert [str(found) for found in validate(connection, server_role).findings] == [f"role {server_role}: {said}"]


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("INSERT ON messages", "may not INSERT on messages"),
        ("USAGE ON SEQUENCE django_admin_log_id_seq", "may not use the sequence django_admin_log_id_seq"),
        ("EXECUTE ON FUNCTION audit_make_partitions", "may not call the function audit_make_partitions"),
    ],
)
def test_rights_that_the_server_lacks_are_found(transactional_db, server_role, lost, said):
    grant_rights(connection, server_role)
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE {lost} FROM {server_role}")
    assert [str(found) for found in validate(connection, server_role).findings] == [f"role {server_role}: {said}"]


def test_the_servers_role_can_validate_by_itself(transactional_db, server_role, superuser):
    grant_rights(connection, server_role)
    with superuser.cursor() as cursor:
        cursor.execute(f"GRANT {server_role} TO {connection.settings_dict['USER']}")
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {server_role}")
        try:
            report = validate(connection, server_role)
        finally:
            cursor.execute("RESET ROLE")
    assert report.findings == []


@pytest.mark.django_db
def test_the_command_says_one_line_where_nothing_differs(capsys):
    call_command("db_validate")
    assert capsys.readouterr().out == "The schema is what the models say.\n"


def test_the_command_exits_with_1_and_a_list(findings_after, capsys):
    findings_after("DROP INDEX members_user_idx", "ALTER TABLE users DROP COLUMN bio")
    with pytest.raises(SystemExit) as exit_:
        call_command("db_validate")
    assert exit_.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        "column users.bio: is missing",
        "index conversation_members.members_user_idx: is missing",
        "The schema differs from the models: 2 findings.",
    ]


def test_the_command_writes_json(findings_after, capsys):
    findings_after("DROP INDEX members_user_idx")
    with pytest.raises(SystemExit):
        call_command("db_validate", "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["valid"] is False
    assert said["findings"] == [
        {"kind": "index", "name": "conversation_members.members_user_idx", "problem": "is missing"}
    ]


@pytest.mark.django_db
def test_validation_leaves_nothing_behind():
    validate(connection, connection.settings_dict["USER"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relname = 'messages'")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT current_schema()")
        assert cursor.fetchone() == ("public",)


def _audit_partitions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]

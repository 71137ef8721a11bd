from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import Error, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from chat_project.core.db.cuid import cuid_at, new_cuid
from chat_project.core.db.rights import grant_rights
from tests.schema.conftest import refusal

THIS_MONTH = f"audit_logs_{datetime.now(UTC):%Y_%m}"
EVERY_RIGHT = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
CHANGES = [
    "UPDATE {} SET action = 'forged'",
    "DELETE FROM {}",
    "TRUNCATE {}",
]


@pytest.fixture
def entry() -> str:
    """The statement that adds a row."""
    return f"INSERT INTO audit_logs (id, action, details) VALUES ('{new_cuid()}', 'log.tested', '{{}}')"


@pytest.mark.parametrize("table", ["audit_logs", THIS_MONTH])
@pytest.mark.parametrize("change", CHANGES)
def test_the_log_refuses_its_owner(db, entry, table, change):
    with connection.cursor() as cursor:
        cursor.execute(entry)
        with pytest.raises(Error, match="the audit log is append-only: "):
            cursor.execute(change.format(table))


@pytest.mark.parametrize("table", ["audit_logs", THIS_MONTH])
@pytest.mark.parametrize("change", CHANGES)
def test_the_log_refuses_a_superuser_too_even_one_who_plays_a_replica(entry, superuser, table, change):
    assert refusal(superuser, entry, change.format(table)).startswith("the audit log is append-only: ")
    as_replica = ("SET LOCAL session_replication_role = replica", entry, change.format(table))
    assert refusal(superuser, *as_replica).startswith("the audit log is append-only: ")


@pytest.mark.parametrize(
    "change", ["UPDATE audit_seals SET row_count = 2", "DELETE FROM audit_seals", "TRUNCATE audit_seals"]
)
def test_seals_are_append_only(superuser, change):
    seal = (
        "INSERT INTO audit_seals (id, first_id, last_id, row_count, rows_hash, previous_hash)"
        f" VALUES ('{new_cuid()}', '{new_cuid()}', '{new_cuid()}', 1, sha256('1'), sha256('0'))"
    )
    assert refusal(superuser, seal, change).startswith("the audit log is append-only: ")


@pytest.mark.parametrize("change", CHANGES)
def test_the_servers_role_has_no_right_to_change_the_log(transactional_db, superuser, server_role, change):
    grant_rights(connection, server_role)
    become = f"SET LOCAL ROLE {server_role}"
    assert refusal(superuser, become, change.format("audit_logs")) == "permission denied for table audit_logs"
    assert refusal(superuser, become, change.format(THIS_MONTH)) == f"permission denied for table {THIS_MONTH}"


def test_the_servers_role_adds_to_the_log_and_reads_it(transactional_db, superuser, server_role, entry):
    grant_rights(connection, server_role)
    with superuser.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"SET LOCAL ROLE {server_role}")
        cursor.execute(entry)
        cursor.execute("SELECT count(*) FROM audit_logs WHERE action = 'log.tested'")
        counted = cursor.fetchone()
        cursor.execute("ROLLBACK")
    assert counted == (1,)


def test_rights_come_out_right_whatever_stood_before(transactional_db, superuser, server_role):
    with superuser.cursor() as cursor:
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {server_role}")
        cursor.execute(f"GRANT UPDATE (details) ON audit_logs TO {server_role}")
        cursor.execute("GRANT DELETE ON audit_logs TO PUBLIC")
        cursor.execute(f"REVOKE SELECT ON users FROM {server_role}")
    grant_rights(connection, server_role)
    assert _rights(server_role, "audit_logs") == {"SELECT", "INSERT"}
    assert _rights(server_role, "audit_seals") == {"SELECT", "INSERT"}
    assert _rights(server_role, THIS_MONTH) == set()
    assert _rights(server_role, "django_migrations") == {"SELECT"}
    assert (
        _rights(server_role, "users")
        == _rights(server_role, "messages_p00")
        == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    )


def test_granting_again_changes_nothing(transactional_db, server_role):
    grant_rights(connection, server_role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(xmin::text::bigint) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        before = cursor.fetchone()
        grant_rights(connection, server_role)
        cursor.execute("SELECT sum(xmin::text::bigint) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        assert cursor.fetchone() == before


def test_the_owner_keeps_its_rights(db):
    owner = connection.settings_dict["USER"]
    grant_rights(connection, owner)
    assert {"UPDATE", "DELETE", "TRUNCATE"} <= _rights(owner, "audit_logs")


def test_a_new_month_gives_nobody_a_right_whatever_the_default_privileges(transactional_db, superuser, server_role):
    owner = connection.settings_dict["USER"]
    with superuser.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"SET LOCAL ROLE {owner}")
        for grantee in (server_role, "PUBLIC"):
            cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO {grantee}")
        cursor.execute("SELECT audit_make_partitions(25)")
        assert cursor.fetchone() == (1,)
        cursor.execute(
            "SELECT count(*) FROM pg_inherits JOIN pg_class AS month ON month.oid = inhrelid,"
            " aclexplode(month.relacl) AS held"
            " WHERE inhparent = 'audit_logs'::regclass AND held.grantee <> month.relowner"
        )
        held_by_others = cursor.fetchone()
        cursor.execute("ROLLBACK")
    assert held_by_others == (0,)


def test_the_servers_role_makes_months_that_refuse_changes(transactional_db, superuser, server_role):
    grant_rights(connection, server_role)
    far = _month_name(months=30)
    make = (f"SET LOCAL ROLE {server_role}", "SELECT audit_make_partitions(30)")
    assert refusal(superuser, *make, "RESET ROLE", f"TRUNCATE {far}").endswith("TRUNCATE of " + far + " is refused")


def test_a_callers_temporary_table_is_not_taken_for_the_log(transactional_db, superuser, server_role):
    grant_rights(connection, server_role)
    with superuser.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"SET LOCAL ROLE {server_role}")
        cursor.execute('CREATE TEMP TABLE audit_logs (id text COLLATE "C") PARTITION BY RANGE (id)')
        cursor.execute("SELECT audit_make_partitions(26)")
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'pg_temp.audit_logs'::regclass")
        in_the_callers = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'public.audit_logs'::regclass")
        in_the_log = cursor.fetchone()
        cursor.execute("ROLLBACK")
    assert in_the_callers == (0,)
    assert in_the_log == (28,)


@pytest.mark.parametrize("months", [-1, 121, None])
def test_months_out_of_reason_are_refused(db, months):
    with pytest.raises(Error, match="takes 0 to 120 months"), connection.cursor() as cursor:
        cursor.execute("SELECT audit_make_partitions(%s)", [months])


def test_months_that_two_make_at_once_are_made_once(own_schema):
    def make(database: BaseDatabaseWrapper) -> int:
        with database.cursor() as cursor:
            cursor.execute("SELECT audit_make_partitions(40)")
            return cursor.fetchone()[0]

    # Copied here: in another thread the default connection is another one, to the usual database.
    both = [connection.copy(), connection.copy()]
    for database in both:
        database.inc_thread_sharing()
    with ThreadPoolExecutor(2) as pool:
        made = sorted(pool.map(make, both))
    for database in both:
        database.close()
    assert made == [0, 16]


def test_reading_the_log_holds_up_no_new_month(transactional_db):
    reader = connection.copy()
    try:
        with reader.cursor() as cursor, transaction.atomic(), connection.cursor() as maker:
            cursor.execute("BEGIN")
            cursor.execute("SELECT count(*) FROM audit_logs")
            maker.execute("SET LOCAL lock_timeout = '2s'")
            maker.execute("SELECT audit_make_partitions(27)")
            transaction.set_rollback(True)
    finally:
        reader.close()


@pytest.mark.django_db
@pytest.mark.parametrize("offset", [timedelta(0), timedelta(days=40), timedelta(days=700)])
def test_a_row_lands_in_the_month_of_its_id(offset):
    moment = datetime.now(UTC) + offset
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_logs (id, action, details) VALUES (%s, 'x', '{}') RETURNING tableoid::regclass::text",
            [cuid_at(moment)],
        )
        assert cursor.fetchone() == (f"audit_logs_{moment:%Y_%m}",)


def _month_name(months: int) -> str:
    today = datetime.now(UTC)
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return f"audit_logs_{year}_{month + 1:02}"


def _rights(role: str, table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%(names)s::text[]) AS name"
            " WHERE has_table_privilege(%(role)s, %(table)s, name)"
            " OR name IN ('SELECT', 'UPDATE') AND has_any_column_privilege(%(role)s, %(table)s, name)",
            {"role": role, "table": table, "names": EVERY_RIGHT},
        )
        return {name for (name,) in cursor.fetchall()}

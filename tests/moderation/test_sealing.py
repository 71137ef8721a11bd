import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from chat_project.core import audit
from chat_project.core.db.cuid import cuid_at, cuid_floor
from moderation.models import AuditLog, AuditSeal
from moderation.services import seal_audit_log, verify_audit_log
from moderation.services.sealing import BATCH
from tests.schema.conftest import superuser

__all__ = ["superuser"]

LONG_AGO = datetime.now(UTC) - timedelta(minutes=10)


def rows(count, begin=LONG_AGO):
    """Add rows that are old enough to be sealed."""
    return AuditLog.objects.bulk_create(
        AuditLog(id=cuid_at(begin + timedelta(milliseconds=number)), action="account.updated", details={"fields": []})
        for number in range(count)
    )


@pytest.fixture
def emptied(transactional_db, superuser):
    """The log without a row: what other tests left would be sealed too."""
    unguarded(superuser, "DELETE FROM audit_logs", "DELETE FROM audit_seals")
    yield
    unguarded(superuser, "DELETE FROM audit_logs", "DELETE FROM audit_seals")


def unguarded(superuser, *statements):
    """Do what only a superuser can who takes the triggers off first."""
    tables = ("audit_logs", "audit_seals")
    with superuser.cursor() as cursor:
        cursor.execute("BEGIN")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only")
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate")
        cursor.execute("COMMIT")


def test_rows_are_sealed_in_a_chain_of_batches_and_verify(emptied):
    rows(BATCH + 5)
    assert seal_audit_log() == BATCH + 5
    first, second = AuditSeal.objects.order_by("last_id")
    assert (first.row_count, second.row_count) == (BATCH, 5)
    assert bytes(second.previous_hash) == bytes(first.rows_hash)
    verified = verify_audit_log()
    assert (verified.seals, verified.rows, verified.broken) == (2, BATCH + 5, None)
    assert seal_audit_log() == 0


def test_what_is_fresh_is_not_sealed_yet(emptied):
    with transaction.atomic():
        audit.record(actor_id=None, action="account.updated")
    assert seal_audit_log() == 0
    assert verify_audit_log().unsealed == 1


def test_nothing_is_sealed_while_an_older_transaction_may_still_add_rows(emptied):
    rows(1)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(
                "INSERT INTO audit_logs (id, action, details) VALUES (%s, 'account.updated', '{}')",
                [cuid_at(LONG_AGO - timedelta(seconds=1))],
            )
            assert seal_audit_log(patience=0) == 0
            cursor.execute("COMMIT")
    finally:
        other.close()
    assert seal_audit_log() == 2
    assert verify_audit_log().broken is None


def test_an_empty_log_verifies(emptied):
    verified = verify_audit_log()
    assert (verified.seals, verified.rows, verified.broken) == (0, 0, None)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE audit_logs SET actor_id = NULL, details = '{{\"fields\": [\"bio\"]}}' WHERE id = '{id}'", "changed"),
        ("UPDATE audit_logs SET created_at = created_at + interval '1 second' WHERE id = '{id}'", "changed"),
        ("UPDATE audit_logs SET ip_address = '10.0.0.1' WHERE id = '{id}'", "changed"),
        ("DELETE FROM audit_logs WHERE id = '{id}'", "gone"),
    ],
)
def test_the_first_broken_row_is_named(emptied, superuser, damage, said):
    made = rows(20)
    seal_audit_log()
    unguarded(superuser, damage.format(id=made[15].id), damage.format(id=made[7].id))
    broken = verify_audit_log().broken
    assert broken.row_id == made[7].id
    assert said in broken.what
    with pytest.raises(CommandError, match=made[7].id):
        call_command("verify_audit_log", stdout=StringIO())


def test_a_row_put_in_behind_a_seal_is_named(emptied):
    rows(5)
    seal_audit_log()
    [forged] = rows(1, begin=LONG_AGO + timedelta(milliseconds=2, microseconds=500))
    broken = verify_audit_log().broken
    assert (broken.row_id, broken.what) == (forged.id, "this row was not there when its time was sealed")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE audit_seals SET row_macs = '' WHERE id = '{id}'",
        "UPDATE audit_seals SET rows_hash = sha256('x') WHERE id = '{id}'",
        "DELETE FROM audit_seals WHERE id = '{id}'",
    ],
)
def test_a_broken_chain_is_told(emptied, superuser, damage):
    rows(BATCH * 2 + 1)
    seal_audit_log()
    first, second, third = AuditSeal.objects.order_by("last_id")
    unguarded(superuser, damage.format(id=second.pk))
    assert verify_audit_log().broken.row_id in (second.pk, third.pk)
    assert first.pk


def test_newest_seals_that_were_taken_back_are_missed_by_who_knows_the_head(emptied, superuser):
    rows(BATCH + 1)
    seal_audit_log()
    head = verify_audit_log().head
    newest = AuditSeal.objects.order_by("-last_id").first()
    unguarded(
        superuser,
        f"DELETE FROM audit_seals WHERE id = '{newest.pk}'",
        f"DELETE FROM audit_logs WHERE id >= '{newest.first_id}'",
    )
    assert verify_audit_log().broken is None
    assert verify_audit_log(head=head).broken


def test_a_seal_needs_the_key(emptied, settings):
    rows(3)
    settings.AUDIT_SEAL_KEY = "another key"
    seal_audit_log()
    assert verify_audit_log().broken is None
    settings.AUDIT_SEAL_KEY = ""
    assert verify_audit_log().broken.what == "this seal was not made with the key"


def test_seals_outlive_a_new_secret_key(emptied, settings):
    rows(3)
    seal_audit_log()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new one"
    assert verify_audit_log().broken is None


@pytest.mark.parametrize("recorded", [True, False])
def test_a_month_that_retention_dropped_is_no_break_where_it_recorded_so(emptied, superuser, recorded):
    month = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before = (month - timedelta(days=1)).replace(day=1)
    rows(3, begin=before + timedelta(days=3))
    rows(3, begin=max(month, LONG_AGO))
    seal_audit_log()
    table = f"audit_logs_{before:%Y_%m}"
    if recorded:
        with transaction.atomic():
            audit.record(actor_id=None, action="audit.month_dropped", month=f"{before:%Y-%m}", rows=3)
    with superuser.cursor() as cursor:
        cursor.execute(f"ALTER TABLE audit_logs DETACH PARTITION {table}")
    try:
        broken = verify_audit_log().broken
    finally:
        with superuser.cursor() as cursor:
            cursor.execute(
                f"ALTER TABLE audit_logs ATTACH PARTITION {table} FOR VALUES FROM ('{cuid_floor(before)}')"
                f" TO ('{cuid_floor(month)}')"
            )
    if recorded:
        assert broken is None
    else:
        assert f"{before:%Y-%m} is gone" in broken.what


def test_the_command_says_what_it_saw(emptied):
    rows(3)
    seal_audit_log()
    said = StringIO()
    call_command("verify_audit_log", stdout=said)
    assert "3 rows under 1 seals are as they were sealed" in said.getvalue()
    assert verify_audit_log().head in said.getvalue()


def test_details_in_another_order_are_the_same_row(emptied):
    with transaction.atomic():
        AuditLog.objects.create(
            id=cuid_at(LONG_AGO), action="member.changed", details=json.loads('{"user_id": "c", "role": "ADMIN"}')
        )
    seal_audit_log()
    assert verify_audit_log().broken is None

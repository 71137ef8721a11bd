"""Verifying the audit log against its seals."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from chat_project.core.db.cuid import cuid_floor
from moderation.models import AuditLog, AuditSeal
from moderation.seals import GENESIS, batch_mac, entries, row_mac, seal_keys

DROPPED = "audit.month_dropped"
SEALS_AT_ONCE = 50

_OLDEST_MONTH = """
    SELECT min(relname) FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'audit_logs'::regclass AND relname ~ '^audit_logs_[0-9]{4}_[0-9]{2}$'
"""


@dataclass(frozen=True, slots=True)
class Break:
    """The first thing that is not as it was sealed; `row_id` is a seal's where the chain itself is broken."""

    row_id: str
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and the first break, if there is one; `head` is the newest seal's hash."""

    seals: int
    rows: int
    unsealed: int
    head: str
    broken: Break | None


def verify_audit_log(*, head: str | None = None) -> Verified:
    """Hold the log against its seals, the oldest first, and stop at the first break.

    `head` is the hash of a seal that must be there, from the server's log: without it, newest seals that were taken
    back together with their rows are not missed. Whole months that retention dropped, and recorded, are no break.
    """
    floor = _floor()
    previous, last_id, rows, number = GENESIS, "", 0, 0
    met = head is None
    for number, seal in enumerate(_seals(), start=1):
        broken = _break_of_chain(seal, previous, last_id) or _break_of_rows(seal, last_id, floor)
        if broken:
            return Verified(number, rows, 0, previous.hex(), broken)
        previous, last_id = bytes(seal.rows_hash), seal.last_id
        rows += seal.row_count
        met = met or previous.hex() == head
    broken = None if met else Break(last_id, "the seal that was asked for is not in the chain after it")
    unsealed = AuditLog.objects.filter(id__gt=last_id).count()
    return Verified(number, rows, unsealed, previous.hex(), broken or _break_of_retention(floor))


def _seals() -> Iterator[AuditSeal]:
    """Return all seals, the oldest first, some at a time: each is as large as its batch."""
    found = list(AuditSeal.objects.order_by("last_id")[:SEALS_AT_ONCE])
    while found:
        yield from found
        found = list(AuditSeal.objects.filter(last_id__gt=found[-1].last_id).order_by("last_id")[:SEALS_AT_ONCE])


def _break_of_chain(seal: AuditSeal, previous: bytes, last_id: str) -> Break | None:
    if bytes(seal.previous_hash) != previous:
        return Break(seal.pk, "a seal is missing before this one, or was put in")
    if seal.first_id <= last_id:
        return Break(seal.pk, "this seal begins before the one before it ends")
    if _key_of(seal) is None:
        return Break(seal.pk, "this seal was not made with the key")
    return None


def _key_of(seal: AuditSeal) -> bytes | None:
    """Return the key that a seal was made with; None where it is none of ours, or the seal was changed."""
    for key in seal_keys():
        expected = batch_mac(
            first_id=seal.first_id,
            last_id=seal.last_id,
            row_macs=bytes(seal.row_macs),
            previous_hash=bytes(seal.previous_hash),
            key=key,
        )
        if hmac.compare_digest(expected, bytes(seal.rows_hash)):
            return key
    return None


def _break_of_rows(seal: AuditSeal, after: str, floor: str) -> Break | None:
    """Return the first row, from the end of the seal before to the end of this one, that is not as it was sealed."""
    key = _key_of(seal)
    assert key is not None
    there = {row.id: row for row in AuditLog.objects.filter(id__gt=max(after, floor), id__lte=seal.last_id)}
    sealed = {entry.id: entry.mac for entry in entries(seal) if entry.id >= floor}
    for row_id in sorted(there.keys() | sealed.keys()):
        if row_id not in there:
            return Break(row_id, "this row is gone")
        if row_id not in sealed:
            return Break(row_id, "this row was not there when its time was sealed")
        if not hmac.compare_digest(row_mac(there[row_id], key), sealed[row_id]):
            return Break(row_id, "this row was changed")
    return None


def _floor() -> str:
    """Return the bound below which there is no month any more."""
    month = _oldest_month()
    return "" if month is None else cuid_floor(month)


def _oldest_month() -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST_MONTH)
        [name] = cursor.fetchone()
    if name is None:
        return None
    return datetime(int(name[11:15]), int(name[16:18]), 1, tzinfo=UTC)


def _break_of_retention(floor: str) -> Break | None:
    """Return a row that went with a month which retention never recorded that it dropped."""
    first = AuditSeal.objects.order_by("last_id").values_list("first_id", flat=True).first()
    if first is None or first >= floor:
        return None
    recorded = set(AuditLog.objects.filter(action=DROPPED).values_list("details__month", flat=True))
    for month, begin, end in _months(first, floor):
        gone = AuditSeal.objects.filter(last_id__gte=begin, first_id__lt=end).exists()
        if gone and month not in recorded:
            return Break(max(first, begin), f"the month {month} is gone, and nobody recorded that it was dropped")
    return None


def _months(first_id: str, floor: str) -> Iterator[tuple[str, str, str]]:
    """Return the months between a row and a bound: name, first id, and the id that the next begins with."""
    month = _oldest_month()
    assert month is not None
    while cuid_floor(month) > first_id:
        end = cuid_floor(month)
        month = datetime(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1, tzinfo=UTC)
        if end <= floor:
            yield f"{month:%Y-%m}", cuid_floor(month), end

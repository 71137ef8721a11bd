"""Sealing the audit log: batches of rows that nobody can add to any more, by the clock."""

import logging
import time

from django.db import connection, transaction

from chat_project.core.db.cuid import cuid_floor
from moderation.models import AuditLog, AuditSeal
from moderation.seals import GENESIS, batch_mac, packed, seal_keys

BATCH = 1000
# Ids come from the clocks of hosts, which differ from the database's by less.
SKEW_SECONDS = 60
# How long transactions that were running are waited for.
PATIENCE_SECONDS = 20.0
_PAUSE_SECONDS = 0.2
_LOCK = 0x5EA1

logger = logging.getLogger(__name__)


def seal_audit_log(*, patience: float = PATIENCE_SECONDS) -> int:
    """Seal what is settled: rows older than the oldest running transaction. Return how many rows were sealed.

    Where a transaction runs on for longer than `patience`, nothing is sealed: the next call tries again.
    """
    end = _settled_before(patience)
    if end is None:
        return 0
    sealed = 0
    while rows := _seal_batch(end):
        sealed += rows
    return sealed


def _settled_before(patience: float) -> str | None:
    """Return a bound that no row will be added below; None where that can't be said yet.

    Whoever writes has a transaction id. All that were given out before the mark are over when the oldest that runs
    is newer than the mark; whoever begins later draws later ids.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_current_xact_id()::text::bigint, clock_timestamp() - %s * interval '1 second'", [SKEW_SECONDS]
        )
        mark, moment = cursor.fetchone()
        deadline = time.monotonic() + patience
        while True:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > %s", [mark])
            if cursor.fetchone() == (True,):
                return cuid_floor(moment)
            if time.monotonic() >= deadline:
                logger.warning("the audit log is not sealed: a transaction is running for long")
                return None
            time.sleep(_PAUSE_SECONDS)


@transaction.atomic
def _seal_batch(end: str) -> int:
    """Seal the next rows below a bound; return how many. Of two who try at once one does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if cursor.fetchone() != (True,):
            return 0
    last = AuditSeal.objects.defer("row_macs").order_by("-last_id").first()
    unsealed = AuditLog.objects.filter(id__lt=end, id__gt=last.last_id if last else "")
    rows = list(unsealed.order_by("id")[:BATCH])
    if not rows:
        return 0
    key = seal_keys()[0]
    macs = packed(rows, key)
    previous = bytes(last.rows_hash) if last else GENESIS
    first_id, last_id = rows[0].id, rows[-1].id
    seal = AuditSeal.objects.create(
        first_id=first_id,
        last_id=last_id,
        row_count=len(rows),
        row_macs=macs,
        previous_hash=previous,
        rows_hash=batch_mac(first_id=first_id, last_id=last_id, row_macs=macs, previous_hash=previous, key=key),
    )
    # A witness outside of the database: without it, who can write there could take the newest seals back.
    logger.info("sealed %s audit rows up to %s: %s", len(rows), last_id, bytes(seal.rows_hash).hex())
    return len(rows)

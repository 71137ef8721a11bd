"""How audit rows are sealed: a MAC a row, and a MAC over a batch of those and the seal before, under a key that is not
in the database. Who can write to the database alone can't make a seal, nor change what is under one unseen."""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC

import orjson
from django.conf import settings

from chat_project.core.db.cuid import LENGTH
from chat_project.core.signing import derived_keys
from moderation.models import AuditLog, AuditSeal

# Of a row's MAC so much is kept: enough that nobody finds another row with the same.
MAC_BYTES = 16
# What the first seal stands on.
GENESIS = bytes(32)

_ENTRY = LENGTH + MAC_BYTES


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as it was sealed."""

    id: str
    mac: bytes


def seal_keys() -> list[bytes]:
    """Return the keys, of which the first makes new seals: AUDIT_SEAL_KEY, else those derived from SECRET_KEY."""
    if settings.AUDIT_SEAL_KEY:
        return [hashlib.sha256(settings.AUDIT_SEAL_KEY.encode()).digest()]
    return derived_keys(purpose="audit-seal")


def packed(rows: Sequence[AuditLog], key: bytes) -> bytes:
    """Return what a seal keeps of its rows."""
    return b"".join(row.id.encode() + row_mac(row, key) for row in rows)


def entries(seal: AuditSeal) -> Iterator[Entry]:
    """Return the rows of a seal as they were sealed."""
    kept = bytes(seal.row_macs)
    for start in range(0, len(kept), _ENTRY):
        yield Entry(kept[start : start + LENGTH].decode("ascii", "replace"), kept[start + LENGTH : start + _ENTRY])


def row_mac(row: AuditLog, key: bytes) -> bytes:
    """Return the MAC of a row: of every column of it."""
    values = [
        row.id,
        row.actor_id,
        row.action,
        row.resource_type,
        row.resource_id,
        row.details,
        row.ip_address,
        row.user_agent,
        row.request_id,
        row.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
    ]
    return hmac.digest(key, orjson.dumps(values, option=orjson.OPT_SORT_KEYS), hashlib.sha256)[:MAC_BYTES]


def batch_mac(*, first_id: str, last_id: str, row_macs: bytes, previous_hash: bytes, key: bytes) -> bytes:
    """Return the MAC of a batch, which the next seal stands on."""
    return hmac.digest(
        key, b"\x00".join([first_id.encode(), last_id.encode(), previous_hash, row_macs]), hashlib.sha256
    )

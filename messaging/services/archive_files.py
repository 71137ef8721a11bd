"""The objects of archived messages: JSON lines, compressed, named by what they hold, and checked by their hash.

The first line says of which conversation and month it is, and which columns the messages have; each other line is a
message with what hangs on it.
"""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.discarding import announce_objects, discard_objects, keep_objects
from chat_project.core.db.cuid import new_cuid
from chat_project.core.storage import objects
from messaging.models import ArchiveSegment

FORMAT = 1
PREFIX = "archives"

Line = dict[str, Any]


class ArchiveDamagedError(Exception):
    """An object is not there, or is not what was written."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What was stored, and read back."""

    key: str
    sha256: str
    size: int


def store_lines(*, conversation_id: str, month: str, lines: Sequence[Line]) -> StoredObject:
    """Store messages as an object, and hold what the storage then has against what was written.

    The key stands among the discarded objects until `adopt` takes it out. Raises what the storage raises, and
    ArchiveDamagedError.
    """
    head = {"format": FORMAT, "conversation_id": conversation_id, "month": month, "messages": len(lines)}
    body = gzip.compress(b"".join(orjson.dumps(line) + b"\n" for line in [head, *lines]), mtime=0)
    stored = StoredObject(f"{PREFIX}/{conversation_id}/{month}-{new_cuid()}.jsonl.gz", _hash(body), len(body))
    announce_objects(stored.key)
    objects.replace(stored.key, io.BytesIO(body))
    _read(stored.key, stored.sha256)
    return stored


def adopt(stored: StoredObject, *, instead_of: str | None = None) -> None:
    """Keep an object that a row names from now on, and discard the one that it takes the place of.

    In the transaction that writes the row.
    """
    keep_objects(stored.key)
    if instead_of is not None:
        discard_objects(instead_of)


def give_up(stored: StoredObject) -> None:
    """Discard an object that no row came to name."""
    with transaction.atomic():
        discard_objects(stored.key)


def read_lines(segment: ArchiveSegment) -> list[Line]:
    """Return the messages of a segment that it stands for, the oldest first.

    Raises ArchiveDamagedError where the object is not what was written, and what the storage raises.
    """
    body = _read(segment.object_key, segment.sha256)
    try:
        head, *lines = [orjson.loads(line) for line in gzip.decompress(body).splitlines()]
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise ArchiveDamagedError(f"{segment.object_key} can't be read") from error
    if head.get("format") != FORMAT or head["conversation_id"] != segment.conversation_id:
        raise ArchiveDamagedError(f"{segment.object_key} is of another format or conversation")
    return without(lines, segment.left_out)


def without(lines: Iterable[Line], message_ids: Iterable[str]) -> list[Line]:
    """Return the lines of other messages."""
    ids = frozenset(message_ids)
    return [line for line in lines if line["message"]["id"] not in ids]


def _read(key: str, sha256: str) -> bytes:
    try:
        with default_storage.open(key) as file:
            body = bytes(file.read())
    except FileNotFoundError:
        raise ArchiveDamagedError(f"{key} is not there") from None
    if _hash(body) != sha256:
        raise ArchiveDamagedError(f"{key} is not what was written: its hash is another")
    return body


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()

"""Files that nobody sent, and files of what was deleted."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from accounts.discarding import discard_objects
from attachments.models import Attachment
from attachments.services.presigning import INCOMING
from chat_project.core.retention import Key
from chat_project.core.storage import objects

# What came to no upload: longer than any address is good.
_ASTRAY_FOR = timedelta(days=1)
_BATCH = 500

_OF_MESSAGES = """
    DELETE FROM attachments WHERE (conversation_id, message_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
    RETURNING object_key, thumbnail_key, preview_key
"""
# Sent in the meantime, it is no orphan.
_ORPHANS = """
    DELETE FROM attachments
    WHERE (conversation_id, id) IN (SELECT * FROM unnest(%s::text[], %s::text[])) AND message_id IS NULL
    RETURNING object_key, thumbnail_key, preview_key
"""


def find_orphan_uploads(before: datetime, after: Key | None, limit: int) -> Sequence[Key]:
    """Return uploads from before a moment that were never sent."""
    rows = Attachment.objects.filter(message_id__isnull=True, created_at__lt=before)
    if after is not None:
        rows = rows.filter(id__gt=after[1])
    return list(rows.order_by("id").values_list("conversation_id", "id")[:limit])


def purge_orphan_uploads(keys: Sequence[Key]) -> int:
    """Delete uploads that were never sent, and their objects after the commit. Return how many."""
    return _purge(_ORPHANS, keys)


def purge_files_of_messages(keys: Sequence[Key]) -> int:
    """Delete the files of messages, by (conversation id, id), and their objects after the commit. Return how many."""
    return _purge(_OF_MESSAGES, keys)


def sweep_incoming() -> int:
    """Delete what was brought to no upload that waits for it, and what a process that died had half received.

    Return how much. Safe to run twice, and to be killed anywhere.
    """
    before = timezone.now() - _ASTRAY_FOR
    swept = _sweep_received(before)
    for keys in _batches(objects.keys_before(INCOMING, before)):
        waited_for = set(Attachment.objects.filter(object_key__in=keys).values_list("object_key", flat=True))
        for key in set(keys) - waited_for:
            default_storage.delete(key)
            swept += 1
    return swept


def _sweep_received(before: datetime) -> int:
    swept = 0
    with os.scandir(settings.FILE_UPLOAD_TEMP_DIR) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < before.timestamp():
                    os.unlink(entry.path)
                    swept += 1
    return swept


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(keys)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _purge(statement: str, keys: Sequence[Key]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [[key[0] for key in keys], [key[1] for key in keys]])
        rows = cursor.fetchall()
    if objects := [key for row in rows for key in row if key]:
        discard_objects(*objects)
    return len(rows)

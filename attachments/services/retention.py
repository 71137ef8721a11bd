"""Files that nobody sent, and files of what was deleted."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from accounts.discarding import discard_objects
from attachments.models import Attachment
from chat_project.core.retention import Key

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


def _purge(statement: str, keys: Sequence[Key]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [[key[0] for key in keys], [key[1] for key in keys]])
        rows = cursor.fetchall()
    if objects := [key for row in rows for key in row if key]:
        discard_objects(*objects)
    return len(rows)

"""Up to where conversations are archived: what reads and sync have to tell of."""

from collections.abc import Mapping, Sequence

from django.db import connection

from messaging.models import ArchiveSegment

_BEYOND = """
    SELECT asked.conversation_id FROM unnest(%s::text[], %s::bigint[]) AS asked (conversation_id, version)
    WHERE EXISTS (
        SELECT FROM archive_segments WHERE conversation_id = asked.conversation_id AND max_version > asked.version
    )
"""


def archived_to(*, conversation_id: str) -> int:
    """Return the `seq` up to which messages are archived, those aside that still stand; 0 where none is."""
    segments = ArchiveSegment.objects.filter(conversation_id=conversation_id)
    return segments.order_by("-last_seq").values_list("last_seq", flat=True).first() or 0


def archived_beyond(versions: Mapping[str, int], conversation_ids: Sequence[str]) -> set[str]:
    """Return of which conversations something changed after a version and is archived: sync can't give it any more."""
    if not conversation_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_BEYOND, [list(conversation_ids), [versions[each] for each in conversation_ids]])
        return {conversation_id for (conversation_id,) in cursor.fetchall()}

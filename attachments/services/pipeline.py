"""From UPLOADED to READY: size, scan, and a picture made anew. Safe to run twice, and to be killed anywhere."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.discarding import announce_objects, discard_objects, keep_objects
from attachments import scanner
from attachments.enums import AttachmentStatus
from attachments.errors import UnscannableError
from attachments.kinds import PICTURES
from attachments.models import Attachment
from attachments.models.attachments import UNFINISHED_STATUSES
from attachments.pictures import BrokenPictureError, made_anew
from attachments.services.quarantine import note_verdict, quarantined, released
from attachments.services.telling import tell_finished
from conversations.models import Conversation

# Of the session, not of a transaction: no transaction stays open while a file is read and scanned.
_LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"


def process(*, conversation_id: str, attachment_id: str) -> None:
    """Check a file and make what is shown of it; tell who sees it. What is finished, or in hand elsewhere, is left.

    Raises ScannerUnavailableError: it waits, and is not served.
    """
    with _alone(attachment_id) as is_mine:
        if not is_mine:
            return
        mine = Attachment.objects.filter(conversation_id=conversation_id, id=attachment_id)
        # PENDING is a file that is not there yet.
        if not mine.filter(status__in=UNFINISHED_STATUSES[1:]).update(status=AttachmentStatus.PROCESSING):
            return
        row = mine.get()
        try:
            outcome = _outcome(row)
        except FileNotFoundError:
            outcome = _failed("The file is gone.")
        _finish(row, outcome)


def _outcome(row: Attachment) -> dict[str, Any]:
    """Return the columns of a file as they are when it is finished; new objects are stored already."""
    if default_storage.size(row.object_key) != row.size:
        return _failed("The file is not whole.")
    scanned = {"is_scanned": False}
    if scanner.is_configured():
        try:
            virus = _virus_in(row.object_key)
        except UnscannableError:
            return _failed("The scanner takes no file of this size.")
        scanned = {"is_scanned": True}
        if virus is not None:
            key = quarantined(row.object_key)
            return {**scanned, "status": AttachmentStatus.INFECTED, "scan_result": virus[:255], "object_key": key}
    if row.mime_type not in PICTURES:
        return {**scanned, "status": AttachmentStatus.READY, "object_key": released(row.object_key)}
    try:
        with default_storage.open(row.object_key) as file:
            picture = made_anew(file, mime_type=row.mime_type)
    except BrokenPictureError:
        return {**scanned, **_failed("The picture is broken, or too large.")}
    return {
        **scanned,
        "status": AttachmentStatus.READY,
        "size": len(picture.content),
        "width": picture.width,
        "height": picture.height,
        "placeholder": picture.placeholder,
        "object_key": _stored(picture.content),
        "thumbnail_key": _stored(picture.thumbnail),
        "preview_key": _stored(picture.preview),
    }


def _virus_in(key: str) -> str | None:
    with default_storage.open(key) as file:
        return scanner.find_virus(file)


def _failed(reason: str) -> dict[str, Any]:
    return {"status": AttachmentStatus.FAILED, "error": reason}


def _stored(data: bytes) -> str:
    key = f"attachments/{secrets.token_hex(16)}"
    announce_objects(key)
    return default_storage.save(key, ContentFile(data))


@transaction.atomic
def _finish(row: Attachment, outcome: dict[str, Any]) -> None:
    # In the order in which senders lock.
    conversation = Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk=row.conversation_id)
    mine = Attachment.objects.filter(conversation_id=row.conversation_id, id=row.id)
    if not conversation.first() or not mine.filter(status=AttachmentStatus.PROCESSING).update(
        **outcome, is_processed=True, processed_at=Now()
    ):
        # Taken back meanwhile: what was made stands as discarded, and the sweep takes it.
        return
    finished = mine.get()
    keep_objects(*(key for key in (finished.object_key, finished.thumbnail_key, finished.preview_key) if key))
    if finished.object_key != row.object_key:
        discard_objects(row.object_key)
    note_verdict(finished, key_before=row.object_key)
    tell_finished(finished)


@contextmanager
def _alone(attachment_id: str) -> Iterator[bool]:
    """Hold a file for this process alone; a process that dies lets go of it."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [attachment_id])
        [is_mine] = cursor.fetchone()
        try:
            yield is_mine
        finally:
            if is_mine:
                cursor.execute(_UNLOCK, [attachment_id])

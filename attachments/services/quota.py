"""The room that files may take: a person's, a conversation's, and what the disk keeps for messages."""

import shutil

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from attachments.enums import AttachmentStatus
from attachments.errors import ConversationQuotaExceededError, QuotaExceededError, TooManyUploadsError
from attachments.models import Attachment
from chat_project.core.errors import StorageFullError

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def require_room(*, uploader_id: str, conversation_id: str | None, size: int) -> None:
    """Raise unless there is room for so many bytes of somebody's, in a conversation where one is given.

    Raises QuotaExceededError, ConversationQuotaExceededError, StorageFullError.
    """
    if _used(uploader_id=uploader_id) + size > settings.UPLOAD_QUOTA_BYTES:
        raise QuotaExceededError
    if conversation_id and _used(conversation_id=conversation_id) + size > settings.CONVERSATION_QUOTA_BYTES:
        raise ConversationQuotaExceededError
    require_free_disk(size)


def require_free_disk(size: int) -> None:
    """Raise StorageFullError where so many bytes would take what the disk keeps for messages."""
    if shutil.disk_usage(settings.DATA_DIR).free - size < settings.STORAGE_RESERVE:
        raise StorageFullError


def hold_room(*, uploader_id: str, conversation_id: str, size: int) -> None:
    """Do the same until the caller's transaction ends: files that come at once wait for each other.

    Whoever holds both locks took the person's first.
    """
    with connection.cursor() as cursor:
        for whose in (uploader_id, conversation_id):
            cursor.execute(_LOCK, [f"room of {whose}"])
    require_room(uploader_id=uploader_id, conversation_id=conversation_id, size=size)


def require_few_open(*, uploader_id: str) -> None:
    """Raise TooManyUploadsError where somebody may begin no further upload. To be called under `hold_room`'s lock."""
    begun = Attachment.objects.filter(uploader_id=uploader_id, status=AttachmentStatus.PENDING)
    if begun.count() >= settings.OPEN_UPLOADS:
        raise TooManyUploadsError


def _used(**whose: str) -> int:
    return Attachment.objects.filter(**whose).aggregate(used=Sum("size"))["used"] or 0

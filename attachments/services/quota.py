"""The room that a person's files may take, and what the storage keeps for messages."""

import shutil

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from attachments.errors import QuotaExceededError, StorageFullError
from attachments.models import Attachment

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def require_room(*, uploader_id: str, size: int) -> None:
    """Raise QuotaExceededError or StorageFullError unless there is room for so many bytes of somebody's."""
    used = Attachment.objects.filter(uploader_id=uploader_id).aggregate(used=Sum("size"))["used"] or 0
    if used + size > settings.UPLOAD_QUOTA_BYTES:
        raise QuotaExceededError
    if shutil.disk_usage(settings.DATA_DIR).free - size < settings.STORAGE_RESERVE:
        raise StorageFullError


def hold_room(*, uploader_id: str, size: int) -> None:
    """Do the same until the caller's transaction ends: files of one person that come at once wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [f"room of {uploader_id}"])
    require_room(uploader_id=uploader_id, size=size)

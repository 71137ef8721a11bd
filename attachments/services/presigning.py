"""Uploads in three steps: begun, brought to the storage by an address that takes this one file, completed."""

import hashlib
import secrets
from typing import IO, Any

from django.core.files.storage import default_storage
from django.db import transaction

from accounts.discarding import announce_objects, delete_discarded, discard_objects, keep_objects
from accounts.models import User
from attachments.enums import AttachmentStatus
from attachments.errors import (
    AttachmentNotFoundError,
    UploadClosedError,
    UploadMismatchError,
    UploadMissingError,
)
from attachments.kinds import GENERIC, clean_name, sniffed
from attachments.models import Attachment
from attachments.selectors import get_attachment
from attachments.services.queueing import process_on_commit
from attachments.services.quota import hold_room, require_few_open
from attachments.services.uploading import require_may_upload, require_size, take_turn
from chat_project.core.errors import PayloadTooLargeError
from chat_project.core.storage import ObjectChangedError, objects

INCOMING = "incoming"


@transaction.atomic
def begin_upload(*, uploader: User, conversation_id: str, file_name: str, size: int, sha256: str = "") -> Attachment:
    """Reserve the room of a file that is going to be uploaded; return its row, which is PENDING.

    Raises: what `require_may_upload` does, PayloadTooLargeError, TooManyRequestsError, QuotaExceededError,
    ConversationQuotaExceededError, TooManyUploadsError, StorageFullError.
    """
    require_may_upload(uploader=uploader, conversation_id=conversation_id)
    require_size(size)
    take_turn(uploader_id=uploader.pk)
    hold_room(uploader_id=uploader.pk, conversation_id=conversation_id, size=size)
    require_few_open(uploader_id=uploader.pk)
    row = Attachment.objects.create(
        conversation_id=conversation_id,
        uploader=uploader,
        object_key=f"{INCOMING}/{secrets.token_hex(16)}",
        file_name=clean_name(file_name),
        mime_type=GENERIC,
        size=size,
        sha256=sha256,
        status=AttachmentStatus.PENDING,
    )
    row.refresh_from_db()
    return row


def receive_upload(*, conversation_id: str, attachment_id: str, size: int, file: IO[bytes]) -> None:
    """Keep the bytes of an upload that was begun; those of a former attempt go.

    Whoever calls it has the right by the address. Raises AttachmentNotFoundError, UploadClosedError,
    UploadMismatchError, PayloadTooLargeError, StorageFullError.
    """
    row = Attachment.objects.filter(conversation_id=conversation_id, id=attachment_id).first()
    if row is None:
        raise AttachmentNotFoundError
    if row.status != AttachmentStatus.PENDING:
        raise UploadClosedError
    if size != row.size:
        raise PayloadTooLargeError if size > row.size else _mismatch("size", row.size)
    objects.replace(row.object_key, file)


def complete_upload(*, uploader: User, conversation_id: str, attachment_id: str) -> Attachment:
    """Take what was uploaded, once it is what was announced, and have it checked. Complete again, it stands as it is.

    The checked bytes are a copy that no address leads to: what is uploaded later changes nothing.

    Raises: what `require_may_upload` does, AttachmentNotFoundError, UploadMissingError, UploadMismatchError.
    """
    require_may_upload(uploader=uploader, conversation_id=conversation_id)
    row = get_attachment(viewer_id=uploader.pk, conversation_id=conversation_id, attachment_id=attachment_id)
    if row.uploader_id != uploader.pk:
        raise AttachmentNotFoundError
    if row.status == AttachmentStatus.PENDING:
        key = f"attachments/{secrets.token_hex(16)}"
        announce_objects(key)
        try:
            _copy(row, key)
            content = _content(row, key)
        except (UploadMissingError, UploadMismatchError):
            delete_discarded(key)
            raise
        if not _take(row, key, content):
            delete_discarded(key)
    return get_attachment(viewer_id=uploader.pk, conversation_id=conversation_id, attachment_id=attachment_id)


def _copy(row: Attachment, key: str) -> None:
    try:
        found = objects.stat(row.object_key)
        if found.size != row.size:
            raise _mismatch("size", row.size)
        objects.copy(row.object_key, key, etag=found.etag)
    except FileNotFoundError:
        raise UploadMissingError from None
    except ObjectChangedError:
        raise UploadMismatchError from None


def _content(row: Attachment, key: str) -> dict[str, Any]:
    """Return the columns that the bytes tell."""
    with default_storage.open(key) as file:
        if file.size != row.size:
            raise _mismatch("size", row.size)
        mime_type = sniffed(file)
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if row.sha256 and row.sha256 != sha256:
        raise UploadMismatchError(errors={"sha256": ["The bytes have another hash."]})
    return {"mime_type": mime_type, "sha256": sha256}


@transaction.atomic
def _take(row: Attachment, key: str, content: dict[str, Any]) -> bool:
    mine = Attachment.objects.filter(conversation_id=row.conversation_id, id=row.id, status=AttachmentStatus.PENDING)
    if not mine.update(object_key=key, status=AttachmentStatus.UPLOADED, **content):
        return False
    keep_objects(key)
    discard_objects(row.object_key)
    process_on_commit(row)
    return True


def _mismatch(field: str, announced: object) -> UploadMismatchError:
    return UploadMismatchError(errors={field: [f"Announced were {announced}."]})

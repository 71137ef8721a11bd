"""Uploads: taken in, and taken back while they are not sent."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.discarding import announce_objects, delete_discarded, discard_objects, keep_objects
from accounts.models import User
from attachments.enums import AttachmentStatus
from attachments.errors import AttachmentNotFoundError, AttachmentSentError
from attachments.kinds import HEAD_BYTES, clean_name, sniffed
from attachments.models import Attachment
from attachments.selectors import get_attachment
from attachments.services.queueing import process_on_commit
from attachments.services.quota import hold_room, require_room
from chat_project.core.errors import ApplicationError, PayloadTooLargeError
from chat_project.core.limits import hit
from conversations import policies
from conversations.selectors.memberships import get_membership

_HOUR = 3600


# Generic for the type checker alone.
if TYPE_CHECKING:
    _File = File[bytes]
else:
    _File = File


class _Hashed(_File):
    """A file whose bytes are hashed as the storage reads them, a chunk at a time."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self.sha256 = hashlib.sha256()
        self.read_bytes = 0

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        for chunk in super().chunks(chunk_size):
            self.sha256.update(chunk)
            self.read_bytes += len(chunk)
            yield chunk


def require_may_upload(*, uploader: User, conversation_id: str) -> None:
    """Raise ConversationNotFoundError, NotAllowedError or ConversationArchivedError unless one may send files here."""
    policies.require_may_send(get_membership(viewer_id=uploader.pk, conversation_id=conversation_id), media=True)


def upload_file(*, uploader: User, conversation_id: str, file: Any, file_name: str, size: int) -> Attachment:
    """Store a file that is to be sent to a conversation, and have it checked. It is its uploader's alone till then.

    Raises: what `require_may_upload` does, PayloadTooLargeError, TooManyRequestsError, QuotaExceededError,
    StorageFullError.
    """
    require_may_upload(uploader=uploader, conversation_id=conversation_id)
    if size > settings.ATTACHMENT_MAX_BYTES:
        raise PayloadTooLargeError(f"Give a file of at most {settings.ATTACHMENT_MAX_BYTES} bytes.")
    hit(f"uploads:{uploader.pk}", limit=settings.UPLOADS_PER_HOUR, seconds=_HOUR)
    require_room(uploader_id=uploader.pk, size=size)
    mime_type = sniffed(file.read(HEAD_BYTES))
    file.seek(0)
    key = f"attachments/{secrets.token_hex(16)}"
    announce_objects(key)
    hashed = _Hashed(file)
    default_storage.save(key, hashed)
    with _discarded_on_refusal(key), transaction.atomic():
        hold_room(uploader_id=uploader.pk, size=hashed.read_bytes)
        row = Attachment.objects.create(
            conversation_id=conversation_id,
            uploader=uploader,
            object_key=key,
            file_name=clean_name(file_name),
            mime_type=mime_type,
            size=hashed.read_bytes,
            sha256=hashed.sha256.hexdigest(),
            status=AttachmentStatus.UPLOADED,
        )
        keep_objects(key)
        process_on_commit(row)
    row.refresh_from_db()
    return row


@transaction.atomic
def delete_upload(*, uploader: User, conversation_id: str, attachment_id: str) -> None:
    """Take back an upload that is not sent; its object goes after the commit.

    Raises ConversationNotFoundError, AttachmentNotFoundError, AttachmentSentError.
    """
    row = get_attachment(viewer_id=uploader.pk, conversation_id=conversation_id, attachment_id=attachment_id)
    if row.message_id is not None:
        raise AttachmentSentError
    locked = (
        Attachment.objects.select_for_update(of=("self",))
        .filter(conversation_id=conversation_id, id=attachment_id, message_id=None)
        .first()
    )
    if locked is None:
        raise AttachmentNotFoundError
    Attachment.objects.filter(conversation_id=conversation_id, id=attachment_id).delete()
    discard_objects(*(key for key in (locked.object_key, locked.thumbnail_key, locked.preview_key) if key))


@contextmanager
def _discarded_on_refusal(key: str) -> Iterator[None]:
    try:
        yield
    except ApplicationError:
        delete_discarded(key)
        raise

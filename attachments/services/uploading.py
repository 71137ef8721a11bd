"""Uploads: taken in, and taken back while they are not sent."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.discarding import announce_objects, delete_discarded, discard_objects, keep_objects
from accounts.models import User
from attachments.enums import AttachmentStatus
from attachments.errors import AttachmentNotFoundError, AttachmentSentError
from attachments.kinds import clean_name, sniffed
from attachments.models import Attachment
from attachments.selectors import get_attachment
from attachments.services.queueing import process_on_commit
from attachments.services.quota import hold_room, require_room
from chat_project.core.errors import ApplicationError, PayloadTooLargeError
from chat_project.core.limits import hit
from chat_project.core.storage import STORAGE_ERRORS
from conversations import policies
from conversations.selectors.memberships import get_membership

_HOUR = 3600


def require_may_upload(*, uploader: User, conversation_id: str) -> None:
    """Raise ConversationNotFoundError, NotAllowedError or ConversationArchivedError unless one may send files here."""
    policies.require_may_send(get_membership(viewer_id=uploader.pk, conversation_id=conversation_id), media=True)


def require_size(size: int) -> None:
    """Raise PayloadTooLargeError for more bytes than a file may have."""
    if size > settings.ATTACHMENT_MAX_BYTES:
        raise PayloadTooLargeError(f"Give a file of at most {settings.ATTACHMENT_MAX_BYTES} bytes.")


def take_turn(*, uploader_id: str) -> None:
    """Count an upload of somebody's. Raises TooManyRequestsError where these were too many in an hour."""
    hit(f"uploads:{uploader_id}", limit=settings.UPLOADS_PER_HOUR, seconds=_HOUR)


def upload_file(*, uploader: User, conversation_id: str, file: Any, file_name: str, size: int) -> Attachment:
    """Store a file that is to be sent to a conversation, and have it checked. It is its uploader's alone till then.

    Raises: what `require_may_upload` does, PayloadTooLargeError, TooManyRequestsError, QuotaExceededError,
    ConversationQuotaExceededError, StorageFullError.
    """
    require_may_upload(uploader=uploader, conversation_id=conversation_id)
    require_size(size)
    take_turn(uploader_id=uploader.pk)
    require_room(uploader_id=uploader.pk, conversation_id=conversation_id, size=size)
    mime_type = sniffed(file)
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    key = f"attachments/{secrets.token_hex(16)}"
    announce_objects(key)
    with _discarded_on_refusal(key):
        default_storage.save(key, file)
    with _discarded_on_refusal(key), transaction.atomic():
        hold_room(uploader_id=uploader.pk, conversation_id=conversation_id, size=size)
        row = Attachment.objects.create(
            conversation_id=conversation_id,
            uploader=uploader,
            object_key=key,
            file_name=clean_name(file_name),
            mime_type=mime_type,
            size=size,
            sha256=sha256,
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
    except (ApplicationError, *STORAGE_ERRORS):
        delete_discarded(key)
        raise

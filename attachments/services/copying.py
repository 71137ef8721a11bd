"""Files of messages that are forwarded: each copy is an object and a row of its own."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.discarding import announce_objects, delete_discarded, keep_objects
from attachments.enums import AttachmentStatus
from attachments.errors import AttachmentNotReadyError
from attachments.models import Attachment
from attachments.services.quota import hold_room, require_room
from chat_project.core.db.cuid import new_cuid
from chat_project.core.storage import objects


@dataclass(frozen=True, slots=True)
class CopiedFiles:
    """Copies of files, stored and not in any message yet."""

    uploader_id: str
    files: Sequence[Attachment]
    # The copy of each stored object.
    keys: Mapping[str, str]

    def bind(self, *, conversation_id: str, message_ids: Mapping[str, str]) -> None:
        """Put them into messages, by the id of the message that each file comes from, in the caller's transaction."""
        Attachment.objects.bulk_create(
            self._copy(row, conversation_id, message_ids[row.message_id]) for row in self.files if row.message_id
        )
        keep_objects(*self.keys.values())

    def hold_room(self, *, conversation_id: str) -> None:
        """Hold the room that they take in a conversation until the transaction ends.

        Raises QuotaExceededError, ConversationQuotaExceededError, StorageFullError.
        """
        hold_room(uploader_id=self.uploader_id, conversation_id=conversation_id, size=_size_of(self.files))

    def discard(self) -> None:
        """Delete what was stored, where no transaction took it."""
        delete_discarded(*self.keys.values())

    def _copy(self, row: Attachment, conversation_id: str, message_id: str) -> Attachment:
        return Attachment(
            conversation_id=conversation_id,
            id=new_cuid(),
            message_id=message_id,
            position=row.position,
            uploader_id=self.uploader_id,
            object_key=self.keys[row.object_key],
            thumbnail_key=self.keys[row.thumbnail_key] if row.thumbnail_key else None,
            preview_key=self.keys[row.preview_key] if row.preview_key else None,
            file_name=row.file_name,
            mime_type=row.mime_type,
            size=row.size,
            sha256=row.sha256,
            width=row.width,
            height=row.height,
            duration=row.duration,
            placeholder=row.placeholder,
            waveform=row.waveform,
            status=row.status,
            is_processed=row.is_processed,
            is_scanned=row.is_scanned,
            scan_result=row.scan_result,
            processed_at=row.processed_at,
        )


def copy_files(*, uploader_id: str, conversation_id: str, message_ids: Sequence[str]) -> CopiedFiles:
    """Copy the stored objects of messages of a conversation, each of which has files; they are somebody's from now on.

    Called before the transaction that binds them. Raises AttachmentNotReadyError where a file is not READY, or a
    message has none; QuotaExceededError, StorageFullError.
    """
    rows = Attachment.objects.filter(conversation_id=conversation_id, message_id__in=message_ids)
    files = list(rows.order_by("position", "id"))
    if any(row.status != AttachmentStatus.READY for row in files) or {row.message_id for row in files} != {
        *message_ids
    }:
        raise AttachmentNotReadyError
    require_room(uploader_id=uploader_id, conversation_id=None, size=_size_of(files))
    stored = [key for row in files for key in (row.object_key, row.thumbnail_key, row.preview_key) if key]
    copied = CopiedFiles(uploader_id, files, {key: f"attachments/{secrets.token_hex(16)}" for key in stored})
    announce_objects(*copied.keys.values())
    try:
        for key, copy in copied.keys.items():
            objects.copy(key, copy)
    except FileNotFoundError:
        copied.discard()
        raise AttachmentNotReadyError from None
    return copied


def _size_of(files: Sequence[Attachment]) -> int:
    return sum(row.size for row in files)

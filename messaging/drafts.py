"""What a person wants to send, checked and ready to append."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from attachments.errors import AttachmentInvalidError
from chat_project.core.db.cuid import is_cuid, new_cuid
from chat_project.core.errors import InvalidError
from messaging.enums import MessageType
from messaging.errors import ReplyTargetInvalidError
from messaging.formatting import Mark, entities_of, marks_in, names_somebody
from messaging.models.messages import CLIENT_ID_MAX_LENGTH, CONTENT_MAX_LENGTH, ENCRYPTED_MAX_LENGTH
from messaging.search_text import search_vector

ATTACHMENTS_MAX = 10
ENCRYPTION_MAX_BYTES = 4096
CAPTION_MAX_LENGTH = 1024
MEDIA_TYPES = (MessageType.IMAGE, MessageType.VIDEO, MessageType.AUDIO, MessageType.FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message before it has a place in its timeline.

    `members_version` is the one by which the sender was judged: the timeline refuses another. `slow_mode` says that
    slow mode holds for the sender; `stranger_limit` how many messages the DM may hold while the other is silent.
    """

    conversation_id: str
    sender_id: str
    members_version: int
    type: MessageType = MessageType.TEXT
    content: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    reply_to_id: str | None = None
    forwarded_from: Mapping[str, Any] | None = None
    client_id: str | None = None
    encryption: Mapping[str, Any] | None = None
    slow_mode: bool = False
    stranger_limit: int | None = None
    id: str = field(default_factory=new_cuid)

    def row(self) -> dict[str, Any]:
        """Return what `append_messages` takes for this draft."""
        return {
            "id": self.id,
            "conversation_id": self.conversation_id,
            "sender_id": self.sender_id,
            "members_version": self.members_version,
            "type": self.type.value,
            "content": self.content,
            "metadata": self.metadata,
            "reply_to_id": self.reply_to_id,
            "forwarded_from": self.forwarded_from,
            "client_id": self.client_id,
            "encryption": self.encryption,
            "slow_mode": self.slow_mode,
            "stranger_limit": self.stranger_limit,
            "search": None if self.encryption is not None else search_vector(self.content),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """The body of a send, checked: what REST and the socket both take.

    `marks` are those of the text; `metadata` holds them as entities where they name nobody. With files, `type` is the
    one that was asked for, or TEXT for none: what it is, the files say.
    """

    content: str
    type: MessageType
    client_id: str | None
    reply_to_id: str | None
    metadata: Mapping[str, Any]
    encryption: Mapping[str, Any] | None
    marks: Sequence[Mark] = ()
    attachment_ids: Sequence[str] = ()

    @property
    def names_somebody(self) -> bool:
        """Whether there is somebody to be found by name, or everybody is."""
        return names_somebody(self.marks)

    @classmethod
    def checked(
        cls,
        *,
        content: str = "",
        type: str | None = None,
        client_id: str | None = None,
        reply_to_id: str | None = None,
        attachment_ids: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
        encryption: Mapping[str, Any] | None = None,
    ) -> "Outgoing":
        """Return the body as it may be sent. Raises InvalidError, which names the field; ReplyTargetInvalidError."""
        if len(set(attachment_ids)) != len(attachment_ids) or not all(map(is_cuid, attachment_ids)):
            raise AttachmentInvalidError
        if attachment_ids and type is not None and type not in MEDIA_TYPES:
            raise InvalidError.of("type", "The type follows the attachments.")
        if not attachment_ids and type not in (None, MessageType.TEXT):
            raise InvalidError.of("type", "The type follows the attachments: a message without any is TEXT.")
        if client_id is not None and not 1 <= len(client_id) <= CLIENT_ID_MAX_LENGTH:
            raise InvalidError.of("client_id", f"Give 1 to {CLIENT_ID_MAX_LENGTH} characters.")
        if metadata:
            raise InvalidError.of("metadata", f"A text takes no such metadata: {', '.join(sorted(metadata))}.")
        if reply_to_id is not None and not is_cuid(reply_to_id):
            raise ReplyTargetInvalidError
        if encryption is None:
            text = checked_text(content, is_caption=bool(attachment_ids))
        else:
            text = _checked_ciphertext(content, encryption)
        marks = marks_in(text) if encryption is None else []
        return cls(
            content=text,
            type=MessageType(type or MessageType.TEXT),
            client_id=client_id,
            reply_to_id=reply_to_id,
            metadata={"entities": entities_of(text, marks)} if marks and not names_somebody(marks) else {},
            encryption=encryption,
            marks=marks,
            attachment_ids=tuple(attachment_ids),
        )


def checked_text(content: str, *, is_caption: bool = False) -> str:
    """Return a text as it is kept: trimmed; a caption may be empty. Raises InvalidError."""
    text = content.strip()
    longest = CAPTION_MAX_LENGTH if is_caption else CONTENT_MAX_LENGTH
    if not text and not is_caption:
        raise InvalidError.of("content", "Write something.")
    if len(text) > longest:
        raise InvalidError.of("content", f"Write at most {longest} characters.")
    return text


def _checked_ciphertext(content: str, encryption: Mapping[str, Any]) -> str:
    if len(orjson.dumps(encryption)) > ENCRYPTION_MAX_BYTES:
        raise InvalidError.of("encryption", f"Give at most {ENCRYPTION_MAX_BYTES} bytes.")
    if not content or len(content) > ENCRYPTED_MAX_LENGTH:
        raise InvalidError.of("content", f"Give 1 to {ENCRYPTED_MAX_LENGTH} characters of base64.")
    try:
        base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidError.of("content", "What is encrypted is given as base64.") from None
    return content

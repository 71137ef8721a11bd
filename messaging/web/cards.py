"""Conversations as rows and headers show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from conversations.enums import ConversationType
from messaging.enums import MessageType
from messaging.formatting import without_markup

PREVIEW_LENGTH = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A conversation under the name, with the picture and the last words that its viewer knows it by."""

    conversation: Mapping[str, Any]
    title: str
    avatar_of: str
    avatar_url: str | None
    online: bool
    is_saved: bool
    is_muted: bool
    author: str
    last: Mapping[str, Any] | None
    activity: str
    read_seq: int

    @property
    def is_unsigned(self) -> bool:
        """Whether its messages don't show who wrote them: those of a channel, unless it says so."""
        in_channel = self.conversation["type"] == ConversationType.CHANNEL
        return in_channel and not self.conversation["settings"]["signatures"]

    @property
    def preview(self) -> str:
        """The last message in one line; system lines and tombstones have words of their own."""
        if self.last is None:
            return ""
        if self.last["encryption"] is not None:
            return _("Encrypted message")
        words = {
            MessageType.IMAGE: _("Photo"),
            MessageType.VIDEO: _("Video"),
            MessageType.AUDIO: _("Audio"),
            MessageType.FILE: _("File"),
        }
        return without_markup(self.last["content"])[:PREVIEW_LENGTH] or str(words.get(self.last["type"], ""))


def card(conversation: Mapping[str, Any], viewer_id: str) -> Card:
    """Return the card of a Conversation as its representation shows it to the viewer."""
    peer = conversation["peer"]
    last = conversation["last_message"]
    is_saved = peer is not None and peer["id"] == viewer_id
    if is_saved:
        title = _("Saved messages")
    elif conversation["type"] == ConversationType.DM:
        title = peer["display_name"] if peer is not None else _("Deleted Account")
    else:
        title = conversation["title"]
    return Card(
        conversation=conversation,
        title=title,
        avatar_of=conversation["id"] if peer is None else peer["id"],
        avatar_url=conversation["avatar_url"] if peer is None else peer["avatar_url"],
        online=peer is not None and not is_saved and bool(peer["online"]),
        is_saved=is_saved,
        is_muted=_lies_ahead(conversation["muted_until"]),
        author="" if last is None or is_saved else author_of(conversation, last, viewer_id),
        last=last,
        activity=conversation["created_at"] if last is None else last["created_at"],
        read_seq=conversation["last_seq"] - conversation["unread_count"],
    )


def author_of(conversation: Mapping[str, Any], message: Mapping[str, Any], viewer_id: str) -> str:
    """Return who is said to have written a message beside its conversation's name: oneself, and in a group anybody."""
    sender = message["sender"]
    if message["type"] == MessageType.SYSTEM or conversation["type"] == ConversationType.CHANNEL:
        return ""
    if sender is not None and sender["id"] == viewer_id:
        return _("You")
    if conversation["type"] == ConversationType.DM:
        return ""
    return str(sender["display_name"]) if sender is not None else _("Deleted Account")


def _lies_ahead(until: str | None) -> bool:
    return until is not None and (until == "forever" or datetime.fromisoformat(until) > datetime.now(UTC))

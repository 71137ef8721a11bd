"""What is told to sockets, and to whom. Every event crosses processes as a plain dictionary."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from chat_project.core.api.renderers import encode
from chat_project.core.realtime.shards import shard_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationEvent:
    """Something that happened in a conversation, for the sockets of its members.

    `members_version` is the one under which it happened; a hub that holds an older list of members reads it anew.
    `seq` is that of the message which `data` shows, and `quote_seq` that of the one it quotes: members whose
    history begins later hear of a change without content, or get the message without the quote. `only` narrows
    the audience to some members.
    """

    conversation_id: str
    members_version: int
    event: str
    data: Mapping[str, Any]
    version: int | None = None
    seq: int | None = None
    quote_seq: int | None = None
    only: tuple[str, ...] | None = None

    def frame(self, *, data: Mapping[str, Any] | None = None, html: str | None = None) -> bytes:
        """Return the bytes of the frame, of other data or with the page's fragment where given."""
        frame: dict[str, Any] = {"type": "event", "event": self.event, "conversation_id": self.conversation_id}
        if self.version is not None:
            frame["version"] = self.version
        frame["data"] = self.data if data is None else data
        if html is not None:
            frame["html"] = html
        return encode(frame)

    def frame_without_quote(self) -> bytes:
        """Return the frame for a member who may not know of the message that is quoted."""
        return self.frame(data={**self.data, "reply_to": None})

    def frame_of_version(self) -> bytes:
        """Return the frame for a member who may not know of the message: the version moved, no more."""
        frame = {"type": "event", "event": "version", "conversation_id": self.conversation_id, "version": self.version}
        return encode(frame)


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonEvent:
    """Something that concerns one person, for all their sockets."""

    user_id: str
    event: str
    data: Mapping[str, Any]
    conversation_id: str | None = None

    def frame(self) -> bytes:
        """Return the bytes of the frame."""
        frame: dict[str, Any] = {"type": "event", "event": self.event}
        if self.conversation_id is not None:
            frame["conversation_id"] = self.conversation_id
        return encode({**frame, "data": self.data})


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionsEnded:
    """Sessions of one person that ended: their sockets close with 4401."""

    user_id: str
    session_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MembershipChanged:
    """People who came to a conversation or left it: hubs subscribe and unsubscribe their sockets at once."""

    conversation_id: str
    members_version: int
    user_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PeopleChanged:
    """People who came online or went. It says no more: each process looks for itself, so no word can be out of date.

    `standing` says instead that their privacy, blocks or contacts changed: who sees them, and whom they see, is
    judged anew.
    """

    user_ids: tuple[str, ...]
    standing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonUpdated:
    """Somebody's name or picture changed, for the sockets of all who share a conversation with them."""

    user_id: str
    data: Mapping[str, Any]

    def frame(self) -> bytes:
        """Return the bytes of the frame."""
        return encode({"type": "event", "event": "user.updated", "data": self.data})


Event = ConversationEvent | PersonEvent | SessionsEnded | MembershipChanged | PeopleChanged | PersonUpdated

_KINDS: dict[str, type[Event]] = {
    "conversation": ConversationEvent,
    "person": PersonEvent,
    "sessions": SessionsEnded,
    "membership": MembershipChanged,
    "people": PeopleChanged,
    "updated": PersonUpdated,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def packed(event: Event) -> dict[str, Any]:
    """Return an event as it crosses processes."""
    return {"kind": _NAMES[type(event)], **{field.name: getattr(event, field.name) for field in fields(event)}}


def unpacked(values: Mapping[str, Any]) -> Event:
    """Return the event that `packed` wrote."""
    values_of: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    return _KINDS[values_of.pop("kind")](**values_of)


def shards_of(event: Event, shards: int) -> set[int]:
    """Return the shards that carry the event: of a conversation, or of people."""
    match event:
        case ConversationEvent():
            subjects = [event.conversation_id]
        case MembershipChanged():
            # A newcomer's process need not carry the conversation's shard yet, but it does carry the person's.
            subjects = [event.conversation_id, *event.user_ids]
        case PersonEvent() | SessionsEnded():
            subjects = [event.user_id]
        case PeopleChanged():
            subjects = list(event.user_ids)
        case PersonUpdated():
            # Which conversations they are in, each process asks for itself.
            return set(range(shards))
    return {shard_of(subject, shards) for subject in subjects}

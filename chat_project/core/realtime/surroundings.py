"""What the hub knows of the rest of the program: sockets, and a directory of people and conversations."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from chat_project.core.realtime.watching import PresenceDirectory


class Socket(Protocol):
    """What the hub knows of a socket."""

    user_id: str
    session_id: str
    wants_html: bool

    @property
    def waiting_bytes(self) -> int:
        """How much waits to be written."""

    def offer(self, frame: str) -> None:
        """Queue a frame. Never blocks."""

    def end(self, code: int) -> None:
        """Close with this code."""


class Directory(PresenceDirectory, Protocol):
    """What the hub asks of the rest of the program, since it knows no table itself."""

    async def memberships(self, user_id: str) -> Mapping[str, tuple[int, int]]:
        """Return a person's conversations, each with its members_version and where the person's history begins."""

    async def members(self, conversation_id: str, user_ids: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        """Return members_version, and which of these people are members, with where their history begins."""

    async def live_sessions(self, session_ids: Sequence[str]) -> set[str]:
        """Return which of these sessions have not ended."""

    async def acquaintances(self, user_id: str, user_ids: Sequence[str]) -> Collection[str]:
        """Return which of these people share a conversation with somebody, and so know their name and picture."""

    async def came_online(self, user_id: str) -> bool:
        """Note that a person has a socket here now; tell whether they had none anywhere before."""

    async def still_online(self, user_ids: Sequence[str]) -> Sequence[str]:
        """Note that these people still have sockets here; return of whom nobody knew any more."""

    async def gone_offline(self, user_id: str) -> bool:
        """Note that a person has no more sockets here; tell whether they have none anywhere."""

    def rights_changed(self, conversation_id: str, user_ids: Iterable[str]) -> None:
        """Drop what this process remembers of these people's rights. Never blocks."""

    def rights_unknown(self) -> None:
        """Drop all that this process remembers of rights: a change of them may have been lost. Never blocks."""

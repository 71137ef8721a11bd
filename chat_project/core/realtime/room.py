"""A conversation, as far as people with sockets here are in it."""

from collections import deque
from collections.abc import Iterator

from chat_project.core.realtime.events import ConversationEvent


class Room:
    """Who of the people here is a member, and what waits until that is known or until its turn comes."""

    __slots__ = ("_held", "_last_version", "changed", "members", "members_version", "pending")

    def __init__(self) -> None:
        # 0 is no version: the list is read before the first event is written.
        self.members_version = 0
        # Each with where their history begins.
        self.members: dict[str, int] = {}
        # Events that wait, in order, while the list is read.
        self.pending: deque[ConversationEvent] | None = None
        # Somebody came or changed while the list was read: it may be without them.
        self.changed = False
        # The version that was written last, and events that came before those with lower versions.
        self._last_version = 0
        self._held: dict[int, ConversationEvent] = {}

    @property
    def holds(self) -> bool:
        """Whether events wait for those before them."""
        return bool(self._held)

    def in_order(self, event: ConversationEvent) -> Iterator[ConversationEvent]:
        """Yield what may be written now that an event came; one that is ahead of its turn is held.

        Two threads that commit one after the other may publish the other way round.
        """
        version = event.version
        if version is None:
            yield event
            return
        if self._last_version and version > self._last_version + 1:
            self._held[version] = event
            return
        yield event
        self._last_version = max(self._last_version, version)
        while (following := self._held.pop(self._last_version + 1, None)) is not None:
            yield following
            self._last_version += 1

    def release(self) -> Iterator[ConversationEvent]:
        """Yield what is held: those before it may have gone another way and never come."""
        for version in sorted(self._held):
            yield self._held.pop(version)
            self._last_version = max(self._last_version, version)

"""Who watches whose presence, among the sockets of one process.

Whether somebody may see a person is judged when they begin to watch, and again when the standing of one of the two
changes; in between the verdict stands beside the socket. So that a person comes or goes costs one look at them, one
frame, and a write to each socket that may know.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from chat_project.core.api.renderers import encode

# Who loads a page anew goes and comes within this time, and those who watch see nothing of it.
SETTLE_SECONDS = 0.5
RETRY_SECONDS = 5.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether somebody is online, and when they were last seen; None and None where that is hidden."""

    online: bool | None
    last_seen_at: str | None

    def shown(self, user_id: str) -> dict[str, Any]:
        """Return what clients are told."""
        return {"user_id": user_id, "online": self.online, "last_seen_at": self.last_seen_at}


HIDDEN = Presence(None, None)
UNKNOWN = Presence(False, None)

Pair = tuple[str, str]


class Watcher(Protocol):
    """What is known here of a socket."""

    user_id: str


S = TypeVar("S", bound=Watcher)


class PresenceDirectory(Protocol):
    """What is asked of the rest of the program."""

    async def presences(self, user_ids: Collection[str]) -> Mapping[str, Presence]:
        """Return who is online, and when each was last seen; nothing of people who are not there."""

    async def sights(self, pairs: Collection[Pair]) -> set[Pair]:
        """Return those of these pairs, viewer and person, in which the viewer may see the other's presence."""


class _Watched:
    """A person, as far as sockets here watch them."""

    __slots__ = ("presence", "seers", "told")

    def __init__(self) -> None:
        self.presence = UNKNOWN
        # What each socket was told last, and which of them may see.
        self.told: dict[Any, Presence] = {}
        self.seers: set[Any] = set()

    def seen_by(self, socket: Any) -> Presence:
        """Return what a socket may know."""
        return self.presence if socket in self.seers else HIDDEN


class PresenceWatch(Generic[S]):
    """The watched people of one process. For one event loop."""

    def __init__(self, directory: PresenceDirectory, offer: Callable[[S, str], None]) -> None:
        self._directory = directory
        self._offer = offer
        self._people: dict[str, _Watched] = {}
        self._lists: dict[S, tuple[str, ...]] = {}
        # People to look at, and people of whom it must be judged anew who sees them and whom they see.
        self._to_look: set[str] = set()
        self._to_judge: set[str] = set()
        self._standing_changes = 0
        self._wake = asyncio.Event()

    async def watch(self, socket: S, user_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Have a socket watch these people, and nobody else; return how each is now.

        Who hides it and who does not exist answer alike.
        """
        listed = tuple(dict.fromkeys(user_ids))
        self.forget(socket)
        self._lists[socket] = listed
        for user_id in listed:
            self._people.setdefault(user_id, _Watched()).told[socket] = HIDDEN
        changes = self._standing_changes
        seen = await self._sights({(socket.user_id, user_id) for user_id in listed})
        await self._look({user_id for _, user_id in seen})
        if self._standing_changes != changes:
            # What was read may be out of date, so it shows nobody.
            self.changed([socket.user_id], standing=True)
        elif self._lists.get(socket) is listed:
            for _, user_id in seen:
                watched = self._people[user_id]
                watched.seers.add(socket)
                watched.told[socket] = watched.presence
        return [self._seen_by(socket, user_id).shown(user_id) for user_id in listed]

    def forget(self, socket: S) -> None:
        """Forget a socket and its list."""
        for user_id in self._lists.pop(socket, ()):
            watched = self._people[user_id]
            del watched.told[socket]
            watched.seers.discard(socket)
            if not watched.told:
                del self._people[user_id]

    def changed(self, user_ids: Iterable[str], *, standing: bool) -> None:
        """Look at these people soon, or judge anew who sees them and whom they see."""
        if standing:
            self._standing_changes += 1
            self._to_judge.update(user_ids)
        else:
            self._to_look.update(user_id for user_id in user_ids if user_id in self._people)
        self._wake.set()

    def all_changed(self) -> None:
        """Look at everybody and judge everything anew: nobody knows what was not heard."""
        self.changed(tuple(self._people), standing=False)
        self.changed({socket.user_id for socket in self._lists}, standing=True)

    def look_at_those_online(self) -> None:
        """Look at whoever is taken to be online: a process that died said nothing of its people."""
        self.changed([user_id for user_id, one in self._people.items() if one.presence.online], standing=False)

    async def run(self) -> None:
        """Look and judge, for ever. What fails is tried again; till then nobody sees whose standing is in doubt."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            to_judge, self._to_judge = self._to_judge, set()
            if not await self._tried(self._judge(to_judge)):
                self._to_judge |= to_judge
            await asyncio.sleep(SETTLE_SECONDS)
            to_look, self._to_look = self._to_look, set()
            if not await self._tried(self._look(to_look)):
                self._to_look |= to_look
            if self._to_judge or self._to_look:
                self._wake.set()

    async def _tried(self, work: Awaitable[None]) -> bool:
        try:
            await work
        except Exception:
            logger.exception("presence could not be read")
            await asyncio.sleep(RETRY_SECONDS)
            return False
        return True

    async def _judge(self, user_ids: Collection[str]) -> None:
        """Judge anew who sees these people and whom they see, and tell whoever sees more or less than before."""
        doubtful = self._concerned(user_ids)
        for socket, user_id in doubtful:
            self._people[user_id].seers.discard(socket)
        seen = await self._sights({(socket.user_id, user_id) for socket, user_id in doubtful})
        await self._look({user_id for _, user_id in seen})
        for socket, user_id in doubtful:
            watched = self._people.get(user_id)
            if watched is None or socket not in watched.told:
                continue
            if (socket.user_id, user_id) in seen:
                watched.seers.add(socket)
            self._tell(user_id, watched, [socket])

    def _concerned(self, user_ids: Collection[str]) -> list[tuple[S, str]]:
        """Return which socket watches whom, where one of the two is among these people."""
        if not user_ids:
            return []
        of_viewers = [(socket, listed) for socket, listed in self._lists.items() if socket.user_id in user_ids]
        pairs = {(socket, user_id) for socket, listed in of_viewers for user_id in listed}
        for user_id in user_ids:
            if (watched := self._people.get(user_id)) is not None:
                pairs.update((socket, user_id) for socket in watched.told)
        return list(pairs)

    async def _sights(self, pairs: Collection[Pair]) -> set[Pair]:
        return await self._directory.sights(pairs) if pairs else set()

    async def _look(self, user_ids: Collection[str]) -> None:
        """Read how people are, and tell those who may see what is new of it."""
        wanted = [user_id for user_id in user_ids if user_id in self._people]
        found = await self._directory.presences(wanted) if wanted else {}
        for user_id, presence in found.items():
            watched = self._people.get(user_id)
            if watched is not None and watched.presence != presence:
                watched.presence = presence
                self._tell(user_id, watched, watched.seers)

    def _tell(self, user_id: str, watched: _Watched, sockets: Iterable[S]) -> None:
        """Tell sockets how somebody is now, where that is new to them: one frame, however many they are."""
        frames: dict[Presence, str] = {}
        for socket in sockets:
            seen = watched.seen_by(socket)
            if watched.told[socket] == seen:
                continue
            watched.told[socket] = seen
            if seen not in frames:
                frames[seen] = _frame(user_id, seen)
            self._offer(socket, frames[seen])

    def _seen_by(self, socket: S, user_id: str) -> Presence:
        watched = self._people.get(user_id)
        return HIDDEN if watched is None else watched.seen_by(socket)


def _frame(user_id: str, presence: Presence) -> str:
    return encode({"type": "event", "event": "presence", "data": presence.shown(user_id)}).decode()

"""The sockets of one process, and the fan-out to them.

A process has one channel in the channel layer, not one a socket. It joins the shard groups that its sockets need,
decodes each publish once, and writes the same bytes to each socket of a member. What happens in the process itself
reaches its own sockets first, and goes out in one publish a flush and shard.
"""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from chat_project.core import metrics
from chat_project.core.api.renderers import encode
from chat_project.core.realtime.events import (
    ConversationEvent,
    Event,
    MembershipChanged,
    PeopleChanged,
    PersonEvent,
    PersonUpdated,
    SessionsEnded,
    packed,
    shards_of,
    unpacked,
)
from chat_project.core.realtime.layer import NumberedLayer
from chat_project.core.realtime.room import Room
from chat_project.core.realtime.shards import shard_of
from chat_project.core.realtime.surroundings import Directory, Socket
from chat_project.core.realtime.watching import PresenceWatch

BEAT_SECONDS = 2.0
HOLD_SECONDS = 0.1
RECHECK_SECONDS = 30.0
QUEUES_MAX_BYTES = 256 * 1024 * 1024
SESSION_REVOKED = 4401
SLOW_READER = 4408
SYNC_REQUIRED = encode({"type": "event", "event": "sync.required", "data": {}})

logger = logging.getLogger(__name__)


class Hub:
    """One process' sockets. All methods run on its event loop; `publish` in `publish.py` is for other threads."""

    def __init__(
        self,
        *,
        directory: Directory,
        fragment: Callable[[str, Mapping[str, Any]], str | None],
        shards: int,
    ) -> None:
        self._directory = directory
        self._fragment = fragment
        self._shards = shards
        self._people: dict[str, set[Socket]] = defaultdict(set)
        self._rooms: dict[str, Room] = {}
        self._rooms_of: dict[str, set[str]] = defaultdict(set)
        self._outgoing: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self._layer = NumberedLayer(self._arrived, self._lost)
        self._watch: PresenceWatch[Socket] = PresenceWatch(directory, self._offer)
        self._updated: dict[str, PersonUpdated] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._flushing = False
        self._resyncing = False
        self.loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Begin to receive, beat and re-check; does nothing when it has begun."""
        if self.loop is None:
            self.loop = asyncio.get_running_loop()
            self._run(self._layer.receive())
            self._run(self._beat())
            self._run(self._recheck())
            self._run(self._watch.run())

    async def stop(self) -> None:
        """End all tasks."""
        self.loop = None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def attach(self, socket: Socket) -> None:
        """Subscribe a socket to its person and their conversations: from here on it misses nothing."""
        is_first = not self._people[socket.user_id]
        self._people[socket.user_id].add(socket)
        metrics.SOCKETS.inc()
        try:
            await self._enter_rooms(socket.user_id)
            if is_first and await self._directory.came_online(socket.user_id):
                self.publish(PeopleChanged(user_ids=(socket.user_id,)))
        except BaseException:
            self.detach(socket)
            raise

    def detach(self, socket: Socket) -> None:
        """Forget a socket."""
        sockets = self._people.get(socket.user_id)
        if sockets is None:
            return
        if socket in sockets:
            metrics.SOCKETS.dec()
        sockets.discard(socket)
        self._watch.forget(socket)
        if not sockets:
            del self._people[socket.user_id]
            self._run(self._gone_offline(socket.user_id))
            for conversation_id in self._rooms_of.pop(socket.user_id, ()):
                self._leave_room(conversation_id, socket.user_id)

    async def _gone_offline(self, user_id: str) -> None:
        if user_id not in self._people and await self._directory.gone_offline(user_id):
            self.publish(PeopleChanged(user_ids=(user_id,)))

    async def watch(self, socket: Socket, user_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Have a socket hear when these people come and go, and no others; return how each is now."""
        for shard in {shard_of(user_id, self._shards) for user_id in user_ids}:
            await self._layer.join(shard)
        return await self._watch.watch(socket, user_ids)

    def sockets_of(self, user_id: str) -> Sequence[Socket]:
        """Return a person's sockets in this process."""
        return tuple(self._people.get(user_id, ()))

    def publish(self, *events: Event) -> None:
        """Tell the sockets here, then the other processes."""
        for event in events:
            metrics.count_event(event)
            self._deliver(event)
            for shard in shards_of(event, self._shards):
                if self._layer.is_alone(shard):
                    self._layer.skip(shard)
                else:
                    self._outgoing[shard].append(packed(event))
        if self._outgoing and not self._flushing:
            self._flushing = True
            self._run(self._flush())

    # --- To the other processes, and from them ------------------------------------------------

    async def _flush(self) -> None:
        try:
            while self._outgoing:
                outgoing, self._outgoing = self._outgoing, defaultdict(list)
                for shard, batch in outgoing.items():
                    await self._layer.send(shard, batch)
        finally:
            self._flushing = False

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            await self._layer.beat()

    def _arrived(self, batch: Iterable[Mapping[str, Any]]) -> None:
        for values in batch:
            self._deliver(unpacked(values))

    def _lost(self) -> None:
        """Something was lost, nobody knows what: read all memberships anew, and have every socket sync."""
        for room in self._rooms.values():
            room.members_version = 0
        self._directory.rights_unknown()
        self._watch.all_changed()
        if not self._resyncing:
            self._resyncing = True
            self._run(self._resync())

    async def _resync(self) -> None:
        try:
            for user_id in list(self._people):
                await self._enter_rooms(user_id)
        except Exception:
            logger.exception("the memberships could not be read anew")
        finally:
            self._resyncing = False
        self._offer_sync(list(self._people))

    # --- To the sockets here ------------------------------------------------------------------

    def _deliver(self, event: Event) -> None:
        match event:
            case ConversationEvent():
                self._deliver_to_room(event)
            case PersonEvent():
                frame = event.frame().decode()
                for socket in self.sockets_of(event.user_id):
                    self._offer(socket, frame)
            case MembershipChanged():
                self._membership_changed(event)
            case SessionsEnded():
                for socket in self.sockets_of(event.user_id):
                    if socket.session_id in event.session_ids:
                        socket.end(SESSION_REVOKED)
            case PeopleChanged():
                self._watch.changed(event.user_ids, standing=event.standing)
            case PersonUpdated():
                self._person_updated(event)

    def _deliver_to_room(self, event: ConversationEvent) -> None:
        room = self._rooms.get(event.conversation_id)
        if room is None:
            return
        if room.pending is not None:
            room.pending.append(event)
        elif room.members_version < event.members_version:
            room.pending = deque([event])
            self._run(self._reload(event.conversation_id, room))
        else:
            self._write_in_order(room, event)

    def _write_in_order(self, room: Room, event: ConversationEvent) -> None:
        held_before = room.holds
        for each in room.in_order(event):
            self._write(room, each)
        if room.holds and not held_before:
            asyncio.get_running_loop().call_later(HOLD_SECONDS, self._release, room)

    def _release(self, room: Room) -> None:
        for event in room.release():
            self._write(room, event)

    def _person_updated(self, event: PersonUpdated) -> None:
        """Tell the person and their acquaintances. Other shards bring the same while those are read: told once."""
        if event.user_id not in self._updated:
            self._run(self._tell_acquaintances(event.user_id))
        self._updated[event.user_id] = event

    async def _tell_acquaintances(self, user_id: str) -> None:
        try:
            concerned = await self._directory.acquaintances(user_id, list(self._people))
        finally:
            event = self._updated.pop(user_id)
        frame = event.frame().decode()
        for socket in [socket for each in {user_id, *concerned} for socket in self.sockets_of(each)]:
            self._offer(socket, frame)

    def _membership_changed(self, event: MembershipChanged) -> None:
        self._directory.rights_changed(event.conversation_id, event.user_ids)
        here = [user_id for user_id in event.user_ids if user_id in self._people]
        room = self._rooms.get(event.conversation_id)
        if room is None and here:
            room = self._rooms[event.conversation_id] = Room()
        if room is None:
            return
        if room.pending is not None:
            room.changed = True
        elif room.members_version < event.members_version:
            room.pending = deque()
            self._run(self._reload(event.conversation_id, room))

    async def _reload(self, conversation_id: str, room: Room) -> None:
        """Read who of the people here are members, then write what waited for it."""
        room.changed = False
        try:
            is_new_shard = await self._layer.join(shard_of(conversation_id, self._shards))
            version, members = await self._directory.members(conversation_id, list(self._people))
        except Exception:
            # Nothing may be written under an old list.
            logger.exception("the members of a conversation could not be read")
            room.pending = None
            room.members_version = 0
            self._offer_sync(room.members)
            return
        for user_id in room.members.keys() - members.keys():
            self._rooms_of[user_id].discard(conversation_id)
        # Who went while the list was read has no socket here any more.
        members = {user_id: seen_from for user_id, seen_from in members.items() if user_id in self._people}
        room.members_version, room.members = version, members
        for user_id in members:
            self._rooms_of[user_id].add(conversation_id)
        if is_new_shard:
            # What happened between the change of members and the joining was heard by nobody here.
            self._offer_sync(members)
        pending, room.pending = room.pending or (), None
        if room.changed:
            room.pending = deque(pending)
            self._run(self._reload(conversation_id, room))
        elif members:
            for event in pending:
                self._deliver_to_room(event)
        elif self._rooms.get(conversation_id) is room:
            del self._rooms[conversation_id]

    def _write(self, room: Room, event: ConversationEvent) -> None:
        started = time.perf_counter()
        frames: dict[str, str] = {}
        for user_id, visible_from in room.members.items():
            if event.only is not None and user_id not in event.only:
                continue
            for socket in self._people.get(user_id, ()):
                kind = _kind_of_frame(event, visible_from, wants_html=socket.wants_html)
                frame = frames.get(kind)
                if frame is None:
                    frame = frames[kind] = self._frame(event, kind)
                self._offer(socket, frame)
        if frames:
            metrics.FAN_OUT.observe(time.perf_counter() - started)
            if event.event == "message.created":
                metrics.observe_delivery(event.data.get("created_at"))

    def _frame(self, event: ConversationEvent, kind: str) -> str:
        data: Mapping[str, Any] = event.data if kind.startswith("full") else {**event.data, "reply_to": None}
        if kind == "version":
            return event.frame_of_version().decode()
        html = self._fragment(event.event, data) if kind.endswith("html") else None
        return event.frame(data=data, html=html).decode()

    def _offer(self, socket: Socket, frame: str) -> None:
        socket.offer(frame)
        metrics.FRAMES.inc()
        if socket.waiting_bytes > QUEUES_MAX_BYTES // 1024:
            self._shed()

    def _offer_sync(self, user_ids: Iterable[str]) -> None:
        """Have people's sockets here sync."""
        frame = SYNC_REQUIRED.decode()
        for user_id in user_ids:
            for socket in self.sockets_of(user_id):
                self._offer(socket, frame)

    def _shed(self) -> None:
        """Keep all queues together below their limit: the worst reader goes first."""
        sockets = [socket for sockets in self._people.values() for socket in sockets]
        if sum(socket.waiting_bytes for socket in sockets) > QUEUES_MAX_BYTES:
            max(sockets, key=lambda socket: socket.waiting_bytes).end(SLOW_READER)

    # --- Rooms ----------------------------------------------------------------------------------

    async def _enter_rooms(self, user_id: str) -> None:
        await self._layer.join(shard_of(user_id, self._shards))
        memberships = await self._directory.memberships(user_id)
        for conversation_id, (members_version, visible_from) in memberships.items():
            room = self._rooms.get(conversation_id)
            if room is None:
                room = self._rooms[conversation_id] = Room()
            self._rooms_of[user_id].add(conversation_id)
            if room.pending is None and room.members_version == members_version:
                room.members[user_id] = visible_from
            elif room.pending is not None:
                room.changed = True
            elif user_id not in room.members:
                # Noted, so that the room stays while they do; the list is read before anything is written.
                room.members[user_id] = visible_from
                room.members_version = 0
        for shard in {shard_of(conversation_id, self._shards) for conversation_id in memberships}:
            await self._layer.join(shard)

    def _leave_room(self, conversation_id: str, user_id: str) -> None:
        room = self._rooms.get(conversation_id)
        if room is None:
            return
        room.members.pop(user_id, None)
        if not room.members and room.pending is None:
            del self._rooms[conversation_id]

    # --- Every half minute ------------------------------------------------------------------------

    async def _recheck(self) -> None:
        """Close the sockets of sessions that ended, should the word of it have been lost."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            sockets = [socket for sockets in self._people.values() for socket in sockets]
            try:
                live = await self._directory.live_sessions([socket.session_id for socket in sockets])
                forgotten = await self._directory.still_online(list(self._people))
            except Exception:
                logger.exception("the sockets' sessions could not be checked")
                continue
            if forgotten:
                self.publish(PeopleChanged(user_ids=tuple(forgotten)))
            self._watch.look_at_those_online()
            for socket in sockets:
                if socket.session_id not in live:
                    socket.end(SESSION_REVOKED)

    def _run(self, coroutine: Any) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a task of the hub failed", exc_info=error)


def _kind_of_frame(event: ConversationEvent, visible_from: int, *, wants_html: bool) -> str:
    if event.seq is not None and event.seq < visible_from:
        return "version"
    quoted = event.quote_seq is None or event.quote_seq >= visible_from
    return ("full" if quoted else "unquoted") + (" html" if wants_html else "")

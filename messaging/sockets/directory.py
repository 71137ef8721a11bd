"""What the hub asks of this program."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from channels.db import database_sync_to_async

from accounts.presence import mark_online, online_ids
from accounts.representations import seen_by_others
from accounts.selectors.presence import last_seen_times, presence_sights
from accounts.selectors.sessions import live_session_ids
from accounts.services.presence import note_offline, note_online
from chat_project.core.realtime.watching import Pair, Presence
from conversations.selectors.membership_cache import memberships
from conversations.selectors.rooms import acquaintances_among, members_among, rooms_of


class DatabaseDirectory:
    """The hub's `Directory`, from the tables; nothing blocks the event loop."""

    async def memberships(self, user_id: str) -> Mapping[str, tuple[int, int]]:
        """Return a person's conversations."""
        return await database_sync_to_async(rooms_of, thread_sensitive=False)(user_id)

    async def members(self, conversation_id: str, user_ids: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        """Return members_version, and which of these people are members."""
        return await database_sync_to_async(members_among, thread_sensitive=False)(conversation_id, user_ids)

    async def acquaintances(self, user_id: str, user_ids: Sequence[str]) -> Collection[str]:
        """Return which of these people share a conversation with somebody."""
        return await database_sync_to_async(acquaintances_among, thread_sensitive=False)(user_id, user_ids)

    async def live_sessions(self, session_ids: Sequence[str]) -> set[str]:
        """Return which of these sessions have not ended."""
        return await database_sync_to_async(live_session_ids, thread_sensitive=False)(session_ids)

    async def gone_offline(self, user_id: str) -> bool:
        """Note that a person has no more sockets here."""
        return await database_sync_to_async(note_offline, thread_sensitive=False)(user_id)

    async def came_online(self, user_id: str) -> bool:
        """Note that a person has a socket here."""
        return bool(await database_sync_to_async(mark_online, thread_sensitive=False)([user_id]))

    async def still_online(self, user_ids: Sequence[str]) -> Sequence[str]:
        """Note that these people have sockets here."""
        return await database_sync_to_async(note_online, thread_sensitive=False)(user_ids)

    async def presences(self, user_ids: Collection[str]) -> Mapping[str, Presence]:
        """Return how people are, as all who may see it are told."""
        return await database_sync_to_async(_presences, thread_sensitive=False)(user_ids)

    async def sights(self, pairs: Collection[Pair]) -> set[Pair]:
        """Return in which of these pairs the first sees the second's presence."""
        return await database_sync_to_async(presence_sights, thread_sensitive=False)(pairs)

    def rights_changed(self, conversation_id: str, user_ids: Iterable[str]) -> None:
        """Forget these memberships."""
        for user_id in user_ids:
            memberships.forget(viewer_id=user_id, conversation_id=conversation_id)

    def rights_unknown(self) -> None:
        """Forget all memberships."""
        memberships.clear()


def _presences(user_ids: Collection[str]) -> dict[str, Presence]:
    online = online_ids(user_ids)
    times = last_seen_times(user_ids)
    return {
        user_id: Presence(True, None) if user_id in online else Presence(False, seen_by_others(at))
        for user_id, at in times.items()
    }

"""What the hub asks of this program."""

from collections.abc import Mapping, Sequence

from channels.db import database_sync_to_async

from accounts.presence import mark_offline, mark_online
from accounts.selectors.sessions import live_session_ids
from conversations.selectors.rooms import members_among, rooms_of


class DatabaseDirectory:
    """The hub's `Directory`, from the tables; nothing blocks the event loop."""

    async def memberships(self, user_id: str) -> Mapping[str, tuple[int, int]]:
        """Return a person's conversations."""
        return await database_sync_to_async(rooms_of, thread_sensitive=False)(user_id)

    async def members(self, conversation_id: str, user_ids: Sequence[str]) -> tuple[int, Mapping[str, int]]:
        """Return members_version, and which of these people are members."""
        return await database_sync_to_async(members_among, thread_sensitive=False)(conversation_id, user_ids)

    async def live_sessions(self, session_ids: Sequence[str]) -> set[str]:
        """Return which of these sessions have not ended."""
        return await database_sync_to_async(live_session_ids, thread_sensitive=False)(session_ids)

    async def gone_offline(self, user_id: str) -> None:
        """Note that a person has no more sockets here."""
        await database_sync_to_async(mark_offline, thread_sensitive=False)([user_id])

    async def still_online(self, user_ids: Sequence[str]) -> None:
        """Note that these people have sockets here."""
        await database_sync_to_async(mark_online, thread_sensitive=False)(user_ids)

"""Memberships in this process, for judging sends without a query.

An entry may be out of date: `members_version` guards it. The statement that appends refuses a draft judged by another
version, and then the entry is read anew; so an entry is good for sends and for what is worth less, and for no read.
"""

import time
from collections import OrderedDict

from channels.db import database_sync_to_async

from conversations import policies
from conversations.selectors.memberships import Membership, get_membership

ENTRIES_MAX = 20_000
# Names and pictures of senders are no rights, so no version moves with them: they are at most this old.
SECONDS = 30.0


class MembershipCache:
    """The least recently used memberships go first. For one event loop."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[str, str], tuple[float, Membership]] = OrderedDict()
        self._drops = 0

    async def get(self, *, viewer_id: str, conversation_id: str) -> Membership:
        """Return a membership, of now or a little while ago. Raises ConversationNotFoundError."""
        key = (conversation_id, viewer_id)
        entry = self._entries.get(key)
        if entry is not None and entry[0] > time.monotonic():
            self._entries.move_to_end(key)
            return entry[1]
        drops = self._drops
        membership: Membership = await _read(viewer_id=viewer_id, conversation_id=conversation_id)
        # Privacy is asked again on each message to a stranger. What was dropped while it was read may be this.
        if not policies.is_stranger(membership) and drops == self._drops:
            self._entries[key] = (time.monotonic() + SECONDS, membership)
            self._entries.move_to_end(key)
            if len(self._entries) > ENTRIES_MAX:
                self._entries.popitem(last=False)
        return membership

    def forget(self, *, viewer_id: str, conversation_id: str) -> None:
        """Drop an entry that was found to be out of date."""
        self._drops += 1
        self._entries.pop((conversation_id, viewer_id), None)

    def clear(self) -> None:
        """Drop all entries."""
        self._drops += 1
        self._entries.clear()


memberships = MembershipCache()

_read = database_sync_to_async(get_membership, thread_sensitive=False)

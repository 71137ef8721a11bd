"""Where a conversation that was told has got to, and where each of its members stands."""

from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter

from chat_project.demo.bulk.clock import HOUR, stamp
from chat_project.demo.bulk.crowd import Crowd
from chat_project.demo.bulk.ids import prefix_at
from chat_project.demo.bulk.rows import row
from chat_project.demo.bulk.telling import JOIN_AT_ONCE, Position, Telling
from conversations.enums import ConversationType, Role
from conversations.representations import FOREVER

_NOWHERE: Position = (0, "", 0)


class Standing:
    """The rows of a conversation and its members, after all was told."""

    def __init__(self, telling: Telling, crowd: Crowd) -> None:
        self._told = telling
        self._room = telling.room
        self._chance = telling.room.chance
        self._crowd = crowd
        recent = list(telling.recent)
        older = [mark for mark in telling.marks if mark[0] < recent[0][0]] if recent else []
        self._positions = older + recent

    def conversation_row(self) -> str:
        """Return the row of `conversations`."""
        room, told = self._room, self._told
        is_dm = room.type == ConversationType.DM
        members_version = 1 if is_dm else 1 + -(-(len(room.members) - 1) // JOIN_AT_ONCE)
        begins = stamp(room.begins)
        return row(
            told.id,
            room.type.value,
            room.title,
            room.handle,
            None if is_dm else self._crowd.id(room.members[0]),
            "{}",
            ":".join(sorted(map(self._crowd.id, room.members))) if is_dm else None,
            told.seq,
            told.version,
            members_version,
            told.last[1] if told.last else None,
            stamp(told.last[2]) if told.last else None,
            len(room.members),
            begins,
            begins,
        )

    def contact_row(self) -> str:
        """Return the row of `contact_requests` by which the people of a DM came to know each other."""
        asked = self._room.begins - 2 * HOUR
        one, other = self._room.members
        return row(
            prefix_at(asked) + self._told.id_end,
            self._crowd.id(one),
            self._crowd.id(other),
            "ACCEPTED",
            stamp(asked),
            stamp(asked + HOUR),
        )

    def member_rows(self) -> Iterator[str]:
        """Yield the rows of `conversation_members`."""
        told, chance = self._told, self._chance
        owner = self._crowd.id(self._room.members[0])
        invites = self._room.type == ConversationType.GROUP
        for place, person in enumerate(self._room.members):
            seq, message_id, at = self._read(place, person)
            joined = told.joined_at[person]
            sent = told.sent_at.get(person)
            mood = chance.random()
            yield row(
                told.id,
                self._crowd.id(person),
                self._role(place),
                "{}",
                stamp(joined),
                owner if invites and place else None,
                "t" if sent else "f",
                stamp(sent) if sent else None,
                FOREVER.isoformat() if mood > 0.93 else None,
                message_id or None,
                seq,
                stamp(at) if seq else None,
                told.seq if place < self._room.present else seq,
                sum(mention > seq for mention in told.mentions.get(person, ())),
                "t" if mood < 0.03 else "f",
                stamp(joined),
            )

    def _role(self, place: int) -> str:
        if self._room.type == ConversationType.DM:
            return Role.MEMBER.value
        if place == 0:
            return Role.OWNER.value
        if self._room.type == ConversationType.CHANNEL:
            return Role.ADMIN.value if place < self._room.writers else Role.MEMBER.value
        large = place < len(self._room.members) // 5
        return {1: Role.ADMIN, 2: Role.MODERATOR}.get(place, Role.MEMBER).value if large else Role.MEMBER.value

    def _read(self, place: int, person: int) -> Position:
        """Return how far somebody has read, and when: what they wrote or reacted to in any case."""
        touched = self._told.touched.get(person, _NOWHERE)
        chance, seen = self._chance, self._crowd.seen[person]
        if not self._positions:
            return _NOWHERE
        if place < self._room.present:
            unread = 0 if chance.random() < 0.6 else int(chance.paretovariate(0.8))
            seq, message_id, at = self._positions[-1 - min(unread, len(self._positions) - 1)]
            at += int((seen - at) * chance.random() ** 4)
        else:
            known = bisect_right(self._positions, seen, key=itemgetter(2))
            seq, message_id, at = self._positions[known - 1] if known else _NOWHERE
        return touched if touched[0] >= seq else (seq, message_id, at)

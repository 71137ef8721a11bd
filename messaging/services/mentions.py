"""Mentions: whom a text names, the rows that say so, and the counters of what they have not read of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from django.db import connection

from conversations.enums import ConversationType
from conversations.selectors.memberships import Membership
from conversations.services.announcements import tell_own
from messaging.formatting import MENTION, MENTION_ALL, Mark, entities_of
from messaging.policies import may_call_everybody

# A channel hides its readers: only who is seen there can be named.
_NAMED: LiteralString = """
    SELECT u.username, u.id FROM users u
    JOIN conversation_members m ON m.conversation_id = %s AND m.user_id = u.id
    WHERE u.username = ANY(%s) AND m.is_active AND m.visible_from_seq <= coalesce(%s, m.visible_from_seq)
        AND (%s OR m.role IN ('OWNER', 'ADMIN'))
"""
# Who is named and was not, and who was and is not: the counters move by exactly these rows. A member's row that
# somebody else holds is judged as it stands afterwards, so that whoever reads meanwhile is counted once or not at all.
_SET: LiteralString = """
    WITH named AS (
        SELECT user_id FROM conversation_members
        WHERE conversation_id = %(conversation)s AND is_active AND visible_from_seq <= %(seq)s
            AND (user_id = ANY(%(people)s) OR %(everybody)s AND user_id <> %(sender)s)
    ), removed AS (
        DELETE FROM message_mentions old
        WHERE conversation_id = %(conversation)s AND message_id = %(message)s
            AND NOT EXISTS (SELECT FROM named WHERE named.user_id = old.user_id)
        RETURNING user_id
    ), added AS (
        INSERT INTO message_mentions (conversation_id, message_id, user_id)
        SELECT %(conversation)s, %(message)s, user_id FROM named
        ON CONFLICT DO NOTHING
        RETURNING user_id
    ), changed AS (
        SELECT user_id, 1 AS step FROM added UNION ALL SELECT user_id, -1 FROM removed
    ), counted AS (
        UPDATE conversation_members m
        SET unread_mention_count = greatest(0, m.unread_mention_count + changed.step)
        FROM changed
        WHERE m.conversation_id = %(conversation)s AND m.user_id = changed.user_id AND m.last_read_seq < %(seq)s
        RETURNING m.user_id
    )
    SELECT
        (SELECT coalesce(array_agg(user_id ORDER BY user_id), '{}') FROM named),
        (SELECT coalesce(array_agg(user_id ORDER BY user_id), '{}') FROM counted)
"""


# Each is told what the conversation is to them, under its lock.
TOLD_MAX = 100


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Whom a message names, and whose counter of unread mentions moved."""

    people: list[str]
    counted: list[str]


@dataclass(frozen=True, slots=True)
class Named:
    """A text's entities, names among them bound to people, and whom it names."""

    entities: list[dict[str, Any]]
    people: frozenset[str]
    everybody: bool

    @property
    def metadata(self) -> dict[str, Any]:
        """What the message keeps of it."""
        return {"entities": self.entities} if self.entities else {}


def bind_names(membership: Membership, text: str, marks: Sequence[Mark], *, seq: int | None = None) -> Named:
    """Return what a text of a member's says, by people's ids; a name that is nobody's here stays text.

    Only active members can be named, who see the message: `seq` is its own, None for a new one. One statement.
    """
    usernames = {mark.extra["username"] for mark in marks if mark.type == MENTION}
    found = _people(membership, usernames, seq) if usernames else {}
    everybody = may_call_everybody(membership) and any(mark.type == MENTION_ALL for mark in marks)
    entities: list[dict[str, Any]] = []
    for entity in entities_of(text, marks):
        if entity["type"] == MENTION_ALL and not everybody:
            continue
        if entity["type"] == MENTION:
            user_id = found.get(entity.pop("username"))
            if user_id is None:
                continue
            entity["user_id"] = user_id
        entities.append(entity)
    return Named(entities, frozenset(found.values()), everybody)


def set_mentions(*, conversation_id: str, message_id: str, seq: int, sender_id: str, named: Named) -> Mentioned:
    """Make a message's mentions those of its text, and count them for who has not read it; return whom it names.

    One statement, under the conversation's lock, which the caller holds. Of a new message its event tells; after a
    change, who is counted otherwise than before is to be told by `tell_counted`.
    """
    params: Mapping[str, Any] = {
        "conversation": conversation_id,
        "message": message_id,
        "seq": seq,
        "sender": sender_id,
        "people": list(named.people),
        "everybody": named.everybody,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SET, params)
        named_ids, counted_ids = cursor.fetchone()
    return Mentioned(named_ids, counted_ids)


def drop_mentions(*, conversation_id: str, message_id: str, seq: int) -> Mentioned:
    """Forget whom a message names, and count it for nobody any more; see `set_mentions`."""
    nobody = Named([], frozenset(), everybody=False)
    return set_mentions(conversation_id=conversation_id, message_id=message_id, seq=seq, sender_id="", named=nobody)


def tell_counted(conversation_id: str, mentioned: Mentioned) -> None:
    """Tell the devices of who has more or fewer unread mentions now, after the commit.

    Not of more than TOLD_MAX, whom only @all names: they hear of it with their next sync.
    """
    if 0 < len(mentioned.counted) <= TOLD_MAX:
        tell_own(conversation_id, mentioned.counted)


def _people(membership: Membership, usernames: set[str], seq: int | None) -> dict[str, str]:
    in_channel = membership.type == ConversationType.CHANNEL
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [membership.conversation_id, list(usernames), seq, not in_channel])
        return dict(cursor.fetchall())

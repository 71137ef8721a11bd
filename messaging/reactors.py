"""Who reacted to a message, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.models import User
from accounts.selectors.people import Person, get_people
from chat_project.core.api.pagination import DEFAULT_LIMIT, read_cursor, write_cursor
from chat_project.core.api.renderers import rfc3339
from chat_project.core.errors import InvalidError
from conversations import policies
from conversations.models import ConversationMember
from conversations.selectors.memberships import Membership, get_membership
from messaging.emoji import is_emoji
from messaging.errors import MessageNotFoundError
from messaging.models import Message, MessageReaction

CURSOR_KIND = "reactors"


@dataclass(frozen=True, slots=True)
class Reactor:
    """One person's emoji."""

    person: Person
    emoji: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReactorPage:
    """A page of people and their emoji, the first to react first, and the cursor to the next."""

    results: list[Reactor]
    next: str | None


def list_reactors(
    *,
    viewer: User,
    conversation_id: str,
    message_id: str,
    emoji: str | None = None,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> ReactorPage:
    """Return a page of who reacted to a message, with one emoji or with any. Four statements.

    In a channel a MEMBER sees OWNER, ADMINs and themselves alone. Raises ConversationNotFoundError,
    MessageNotFoundError, InvalidError for what is no emoji.
    """
    membership = get_membership(viewer_id=viewer.pk, conversation_id=conversation_id)
    message = (
        Message.objects.filter(conversation_id=conversation_id, id=message_id, seq__gte=membership.visible_from_seq)
        .only("is_deleted", "expires_at")
        .first()
    )
    if message is None:
        raise MessageNotFoundError
    if emoji is not None and not is_emoji(emoji):
        raise InvalidError.of("emoji", "Give one emoji.")
    if message.is_gone:
        return ReactorPage([], None)
    rows = MessageReaction.objects.filter(_seen(membership), conversation_id=conversation_id, message_id=message_id)
    if emoji is not None:
        rows = rows.filter(emoji=emoji)
    scope = f"{conversation_id}:{message_id}:{emoji or ''}"
    if cursor is not None:
        rows = rows.filter(_beyond(read_cursor(cursor, kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope)))
    reactions = list(rows.order_by("created_at", "user_id", "emoji")[: limit + 1])
    following = None
    if len(reactions) > limit:
        reactions = reactions[:limit]
        following = write_cursor(kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope, position=_position(reactions[-1]))
    people = get_people(viewer=viewer, user_ids={row.user_id for row in reactions})
    return ReactorPage(
        [Reactor(people[row.user_id], row.emoji, row.created_at) for row in reactions if row.user_id in people],
        following,
    )


def _seen(membership: Membership) -> Q:
    """Return the condition that the member may know of who reacted."""
    if policies.sees_members(membership):
        return Q()
    shown = ConversationMember.objects.filter(
        conversation_id=membership.conversation_id, role__in=policies.SEEN_IN_CHANNELS, is_active=True
    )
    return Q(user_id=membership.user_id) | Q(user_id__in=shown.values("user_id"))


def _position(row: MessageReaction) -> dict[str, Any]:
    return {"created_at": rfc3339(row.created_at), "user_id": row.user_id, "emoji": row.emoji}


def _beyond(position: Mapping[str, Any]) -> Q:
    same_time = Q(created_at=position["created_at"])
    return (
        Q(created_at__gt=position["created_at"])
        | (same_time & Q(user_id__gt=position["user_id"]))
        | (same_time & Q(user_id=position["user_id"], emoji__gt=position["emoji"]))
    )

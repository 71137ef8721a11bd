"""Who is in a conversation, as a member may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower, Now

from accounts import policies as accounts_policies
from accounts.models import User
from accounts.selectors.people import Person, get_people
from chat_project.core.api.pagination import DEFAULT_LIMIT, read_cursor, write_cursor
from chat_project.core.api.renderers import rfc3339
from conversations import policies
from conversations.models import ConversationMember
from conversations.policies import Capability
from conversations.selectors.memberships import get_membership

CURSOR_KIND = "members"


@dataclass(frozen=True, slots=True)
class SeenMember:
    """A member, the person, and whether the viewer may know how far they have read, and by whom they came."""

    row: ConversationMember
    person: Person
    shows_reading: bool
    shows_inviter: bool


@dataclass(frozen=True, slots=True)
class MemberPage:
    """A page of members, and the cursor to the next."""

    results: list[SeenMember]
    next: str | None


def list_members(
    *,
    viewer: User,
    conversation_id: str,
    banned: bool = False,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> MemberPage:
    """Return a page of members, the owner first, then by role and time of joining; or of who is banned.

    In a channel a MEMBER sees OWNER, ADMINs and themselves alone. Raises ConversationNotFoundError; NotAllowedError
    where who is banned is not for the viewer to see.
    """
    membership = get_membership(viewer_id=viewer.pk, conversation_id=conversation_id)
    if banned:
        policies.require_right(membership, Capability.MANAGE_MEMBERS)
    rows = ConversationMember.objects.filter(
        banned_now() if banned else Q(is_active=True), conversation_id=conversation_id
    )
    sees_all = policies.sees_members(membership)
    if not sees_all:
        rows = rows.filter(Q(role__in=policies.SEEN_IN_CHANNELS) | Q(user_id=viewer.pk))
    scope = f"{conversation_id}:{banned}"
    if cursor is not None:
        rows = rows.filter(_beyond(read_cursor(cursor, kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope)))
    found = list(rows.order_by("role", "joined_at", "user_id")[: limit + 1])
    following = None
    if len(found) > limit:
        following = write_cursor(
            kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope, position=_position(found[limit - 1])
        )
    return MemberPage(seen_members(viewer=viewer, rows=found[:limit], sees_all=sees_all), following)


def find_members_named(*, viewer: User, conversation_id: str, beginning: str, limit: int) -> list[SeenMember]:
    """Return members whose username or a word of whose name begins so, as `list_members` orders them; never the viewer.

    Raises ConversationNotFoundError.
    """
    membership = get_membership(viewer_id=viewer.pk, conversation_id=conversation_id)
    folded = beginning.lower()
    rows = ConversationMember.objects.filter(conversation_id=conversation_id, is_active=True)
    sees_all = policies.sees_members(membership)
    if not sees_all:
        rows = rows.filter(role__in=policies.SEEN_IN_CHANNELS)
    named = (
        rows.exclude(user_id=viewer.pk)
        .exclude(user__username=None)
        .alias(name=Lower("user__display_name"))
        .filter(Q(user__username__startswith=folded) | Q(name__startswith=folded) | Q(name__contains=f" {folded}"))
    )
    found = list(named.order_by("role", "joined_at", "user_id")[:limit])
    return seen_members(viewer=viewer, rows=found, sees_all=sees_all)


def find_members(*, viewer: User, conversation_id: str, user_ids: list[str]) -> list[SeenMember]:
    """Return some active members. Raises ConversationNotFoundError."""
    get_membership(viewer_id=viewer.pk, conversation_id=conversation_id)
    rows = ConversationMember.objects.filter(conversation_id=conversation_id, user_id__in=user_ids, is_active=True)
    return seen_members(viewer=viewer, rows=list(rows))


def seen_members(*, viewer: User, rows: Sequence[ConversationMember], sees_all: bool = True) -> list[SeenMember]:
    """Return members as somebody sees them, in one more statement.

    Who does not see all members may know of none by whom another one was invited.
    """
    people = get_people(viewer=viewer, user_ids=[row.user_id for row in rows])
    return [
        SeenMember(
            row,
            people[row.user_id],
            shows_reading=accounts_policies.shows_reading(people[row.user_id]),
            shows_inviter=sees_all or viewer.pk in (row.user_id, row.invited_by_id),
        )
        for row in rows
        if row.user_id in people
    ]


def banned_now() -> Q:
    """Return the condition that a ban holds: `policies.is_banned_now` for the database."""
    return Q(is_banned=True) & (Q(banned_until__isnull=True) | Q(banned_until__gt=Now()))


def _position(row: ConversationMember) -> dict[str, Any]:
    return {"role": row.role, "joined_at": rfc3339(row.joined_at), "user_id": row.user_id}


def _beyond(position: Mapping[str, Any]) -> Q:
    later = Q(joined_at__gt=position["joined_at"]) | Q(joined_at=position["joined_at"], user_id__gt=position["user_id"])
    return Q(role__gt=position["role"]) | (Q(role=position["role"]) & later)

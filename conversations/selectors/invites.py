"""Invites, and who asks to join."""

import re
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from accounts.selectors.people import Person, get_people
from chat_project.core.api.pagination import DEFAULT_LIMIT, read_cursor, write_cursor
from chat_project.core.api.renderers import rfc3339
from conversations import policies
from conversations.enums import JoinRequestStatus
from conversations.errors import InviteInvalidError
from conversations.models import Conversation, ConversationInvite, ConversationMember, JoinRequest
from conversations.policies import Capability
from conversations.selectors.memberships import get_membership

INVITES_CURSOR = "invites"
REQUESTS_CURSOR = "join-requests"
_CODE = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class InvitePage:
    """A page of invites, and the cursor to the next."""

    results: list[ConversationInvite]
    next: str | None


@dataclass(frozen=True, slots=True)
class JoinRequestPage:
    """A page of requests, each with its person, and the cursor to the next."""

    results: list[tuple[JoinRequest, Person]]
    next: str | None


@dataclass(frozen=True, slots=True)
class InvitePreview:
    """What an invite shows to whoever holds it."""

    code: str
    conversation: Conversation
    requires_approval: bool
    is_member: bool


def is_code(text: str) -> bool:
    """Tell whether a text has the form of a code: what an address holds may be anything."""
    return _CODE.fullmatch(text) is not None


def live_invites() -> QuerySet[ConversationInvite]:
    """Return the invites that are neither revoked nor expired."""
    lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=Now())
    return ConversationInvite.objects.filter(lasting, revoked_at__isnull=True)


def usable_invites(*, code: str) -> QuerySet[ConversationInvite]:
    """Return the invite of a code, or nothing where it is dead, used up, or none."""
    if not is_code(code):
        return ConversationInvite.objects.none()
    has_room = Q(max_uses__isnull=True) | Q(use_count__lt=F("max_uses"))
    return live_invites().filter(has_room, code=code)


def find_live_invite(*, code: str) -> ConversationInvite:
    """Return the invite of a code, with its conversation. Raises InviteInvalidError for a dead one, as for none."""
    invite = usable_invites(code=code).select_related("conversation").first()
    if invite is None:
        raise InviteInvalidError
    return invite


def preview_invite(*, viewer: User, code: str) -> InvitePreview:
    """Return what an invite leads to. Raises InviteInvalidError."""
    invite = find_live_invite(code=code)
    approval = invite.requires_approval or bool(invite.conversation.settings.get("join_approval"))
    mine = ConversationMember.objects.filter(pk=(invite.conversation_id, viewer.pk), is_active=True)
    return InvitePreview(code, invite.conversation, approval, mine.exists())


def list_invites(
    *, viewer: User, conversation_id: str, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> InvitePage:
    """Return a page of a conversation's invites, dead ones too, newest first.

    Raises ConversationNotFoundError, NotAllowedError, InvalidError for a foreign cursor.
    """
    membership = get_membership(viewer_id=viewer.pk, conversation_id=conversation_id)
    policies.require_right(membership, Capability.MANAGE_INVITES)
    rows = ConversationInvite.objects.filter(conversation_id=conversation_id)
    if cursor is not None:
        position = read_cursor(cursor, kind=INVITES_CURSOR, viewer_id=viewer.pk, scope=conversation_id)
        at, code = position["created_at"], position["code"]
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, code__lt=code))
    found = list(rows.order_by("-created_at", "-code")[: limit + 1])
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        position = {"created_at": rfc3339(last.created_at), "code": last.code}
        following = write_cursor(kind=INVITES_CURSOR, viewer_id=viewer.pk, scope=conversation_id, position=position)
    return InvitePage(found[:limit], following)


def list_join_requests(
    *, viewer: User, conversation_id: str, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> JoinRequestPage:
    """Return a page of those who ask to join, who waits longest first. Two statements.

    Raises ConversationNotFoundError, NotAllowedError, InvalidError for a foreign cursor.
    """
    membership = get_membership(viewer_id=viewer.pk, conversation_id=conversation_id)
    policies.require_manager(membership)
    rows = JoinRequest.objects.filter(
        conversation_id=conversation_id, status=JoinRequestStatus.PENDING, user__is_active=True
    )
    if cursor is not None:
        position = read_cursor(cursor, kind=REQUESTS_CURSOR, viewer_id=viewer.pk, scope=conversation_id)
        at, user_id = position["created_at"], position["user_id"]
        rows = rows.filter(Q(created_at__gt=at) | Q(created_at=at, user_id__gt=user_id))
    found = list(rows.order_by("created_at", "user_id")[: limit + 1])
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        position = {"created_at": rfc3339(last.created_at), "user_id": last.user_id}
        following = write_cursor(kind=REQUESTS_CURSOR, viewer_id=viewer.pk, scope=conversation_id, position=position)
    people = get_people(viewer=viewer, user_ids=[row.user_id for row in found[:limit]])
    return JoinRequestPage([(row, people[row.user_id]) for row in found[:limit] if row.user_id in people], following)

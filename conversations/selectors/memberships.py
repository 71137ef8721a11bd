"""Membership: what a policy needs to know of a person in a conversation, read in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from accounts.models import BlockedUser, ContactRequest, User
from conversations.enums import ConversationType, Role
from conversations.errors import ConversationNotFoundError
from conversations.models import ConversationMember


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The other person of a DM, as sends to them are judged."""

    user_id: str
    is_open: bool
    blocked: bool
    is_contact: bool
    has_sent: bool
    privacy_settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """An active member of a conversation, as of `members_version`."""

    conversation_id: str
    user_id: str
    type: ConversationType
    role: Role
    permissions: Mapping[str, bool]
    settings: Mapping[str, Any]
    members_version: int
    member_count: int
    visible_from_seq: int
    archived_at: datetime | None
    user: User
    peer: Peer | None

    @property
    def is_dm(self) -> bool:
        return self.type == ConversationType.DM


def get_membership(*, viewer_id: str, conversation_id: str) -> Membership:
    """Return the viewer's membership. One statement. Raises ConversationNotFoundError for who is no active member."""
    row = (
        ConversationMember.objects.filter(conversation_id=conversation_id, user_id=viewer_id, is_active=True)
        .select_related("conversation", "user")
        .annotate(**_peer_columns(viewer_id))
        .first()
    )
    if row is None:
        raise ConversationNotFoundError
    conversation = row.conversation
    return Membership(
        conversation_id=conversation.id,
        user_id=viewer_id,
        type=ConversationType(conversation.type),
        role=Role(row.role),
        permissions=row.permissions,
        settings=conversation.settings,
        members_version=conversation.members_version,
        member_count=conversation.member_count,
        visible_from_seq=row.visible_from_seq,
        archived_at=conversation.archived_at,
        user=row.user,
        peer=_peer(row),
    )


def require_membership(*, viewer_id: str, conversation_id: str) -> None:
    """Raise ConversationNotFoundError for who is no active member: asked before a body is looked at."""
    if not ConversationMember.objects.filter(
        conversation_id=conversation_id, user_id=viewer_id, is_active=True
    ).exists():
        raise ConversationNotFoundError


def _peer_columns(viewer_id: str) -> dict[str, Any]:
    peer = ConversationMember.objects.filter(
        conversation_id=OuterRef("conversation_id"), conversation__type=ConversationType.DM
    ).exclude(user_id=viewer_id)
    blocks = BlockedUser.objects.filter(
        Q(blocker_id=viewer_id, blocked_id=OuterRef("peer_id"))
        | Q(blocked_id=viewer_id, blocker_id=OuterRef("peer_id"))
    )
    contacts = ContactRequest.objects.filter(
        Q(from_user_id=viewer_id, to_user_id=OuterRef("peer_id"))
        | Q(to_user_id=viewer_id, from_user_id=OuterRef("peer_id")),
        status="ACCEPTED",
    )
    return {
        "peer_id": Subquery(peer.values("user_id")[:1]),
        "peer_has_sent": Subquery(peer.values("has_sent")[:1]),
        "peer_is_open": Subquery(peer.values("user__is_active")[:1]),
        "peer_privacy": Subquery(peer.values("user__privacy_settings")[:1]),
        "peer_blocked": Exists(blocks),
        "peer_is_contact": Exists(contacts),
    }


def _peer(row: Any) -> Peer | None:
    if row.peer_id is None:
        return None
    return Peer(
        user_id=row.peer_id,
        is_open=row.peer_is_open,
        blocked=row.peer_blocked,
        is_contact=row.peer_is_contact,
        has_sent=row.peer_has_sent,
        privacy_settings=row.peer_privacy,
    )

"""The list of members, changed under the conversation's lock: how memberships begin and end, and what follows."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Now

from chat_project.core.realtime.publish import publish_on_commit
from conversations import events
from conversations.conversation_settings import complete_settings
from conversations.enums import ConversationType, JoinRequestStatus, LeftReason, Role
from conversations.errors import ConversationNotFoundError, MemberNotFoundError
from conversations.models import Conversation, ConversationInvite, ConversationMember, JoinRequest
from conversations.policies import SEEN_IN_CHANNELS, Capability, rights_of
from conversations.services.announcements import announce, tell_added, tell_members

# What a membership begins anew with; mute, pin, archive and draft stay as the person left them.
_BEGUN_ANEW = [
    "role",
    "permissions",
    "restricted_until",
    "is_active",
    "joined_at",
    "left_at",
    "left_reason",
    "is_banned",
    "banned_until",
    "invited_by",
    "visible_from_seq",
    "last_read_seq",
    "last_delivered_seq",
    "last_read_message_id",
    "unread_mention_count",
    "updated_at",
]

_REASONS = {LeftReason.LEFT: "left", LeftReason.REMOVED: "removed", LeftReason.BANNED: "banned"}


def locked(conversation_id: str) -> Conversation:
    """Return the conversation under its lock, which orders all that changes its members.

    Raises ConversationNotFoundError.
    """
    conversation = Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk=conversation_id).first()
    if conversation is None:
        raise ConversationNotFoundError
    return conversation


def active_member(conversation: Conversation, user_id: str) -> ConversationMember:
    """Return an active member. Raises MemberNotFoundError."""
    member = ConversationMember.objects.filter(conversation=conversation, user_id=user_id, is_active=True).first()
    if member is None:
        raise MemberNotFoundError
    return member


def member_rights(conversation: Conversation, member: ConversationMember) -> frozenset[Capability]:
    """Return what a member may do now."""
    return rights_of(
        type=ConversationType(conversation.type),
        role=Role(member.role),
        settings=conversation.settings,
        permissions=member.permissions,
        restricted_until=member.restricted_until,
    )


def is_announced(conversation: Conversation, role: str) -> bool:
    """Tell whether a SYSTEM message tells of the comings and goings of a role: a channel hides its readers."""
    return conversation.type != ConversationType.CHANNEL or role in SEEN_IN_CHANNELS


def join_people(
    conversation: Conversation, user_ids: Sequence[str], *, actor_id: str, invited_by_id: str | None
) -> None:
    """Make people members, tell them and the others. Who joins by their own will is the actor.

    `conversation` is locked by the caller, who has judged that nobody of them is a member or banned.
    """
    history = complete_settings(conversation.settings)["history_for_new_members"]
    rows = [
        ConversationMember(
            conversation=conversation,
            user_id=user_id,
            role=Role.MEMBER,
            invited_by_id=invited_by_id,
            visible_from_seq=1 if history else conversation.last_seq + 1,
            last_read_seq=conversation.last_seq,
            last_delivered_seq=conversation.last_seq,
            # What came before is not theirs to know of, hence no place to open the conversation at.
            last_read_message_id=conversation.last_message_id if history else None,
        )
        for user_id in sorted(user_ids)
    ]
    ConversationMember.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["conversation", "user"], update_fields=_BEGUN_ANEW
    )
    JoinRequest.objects.filter(
        conversation=conversation, user_id__in=user_ids, status=JoinRequestStatus.PENDING
    ).update(status=JoinRequestStatus.APPROVED, decided_by=invited_by_id, decided_at=Now())
    raise_members_version(conversation, joined=len(rows))
    if is_announced(conversation, Role.MEMBER):
        announce(conversation, actor_id=actor_id, event="member.joined", user_ids=list(user_ids))
    publish_on_commit(events.membership_changed(conversation, tuple(user_ids)))
    tell_members(conversation, user_ids, event="member.joined")
    tell_added(conversation, user_ids)


def end_membership(
    conversation: Conversation,
    member: ConversationMember,
    *,
    reason: LeftReason,
    banned_until: datetime | None = None,
    announced_by: str | None = None,
) -> None:
    """End a membership, revoke the person's invites, and tell them and the others.

    `announced_by` writes the SYSTEM message of the departure. `conversation` is locked by the caller.
    """
    was = Role(member.role)
    says_so = announced_by is not None and is_announced(conversation, was)
    # Only members write: who leaves says so first, of others it is said when they are gone.
    if says_so and announced_by == member.user_id:
        announce(conversation, actor_id=member.user_id, event="member.left", user_ids=[member.user_id])
    ConversationMember.objects.filter(pk=member.pk).update(
        is_active=False,
        role=Role.MEMBER,
        permissions={},
        restricted_until=None,
        left_at=Now(),
        left_reason=reason,
        is_banned=banned_until is not None,
        banned_until=banned_until,
        updated_at=Now(),
    )
    raise_members_version(conversation, joined=-1)
    revoke_lost_invites(conversation)
    if says_so and announced_by is not None and announced_by != member.user_id:
        announce(conversation, actor_id=announced_by, event="member.removed", user_ids=[member.user_id])
    publish_on_commit(
        events.membership_changed(conversation, (member.user_id,)),
        events.conversation_removed(user_id=member.user_id, conversation_id=conversation.pk, reason=_REASONS[reason]),
    )
    tell_members(conversation, [member.user_id], event="member.left", was=was)


def raise_members_version(conversation: Conversation, *, joined: int = 0) -> None:
    """Raise members_version, so that whoever was judged by the old one is judged again; count who joined or left."""
    Conversation.objects.filter(pk=conversation.pk).update(
        member_count=F("member_count") + joined, members_version=F("members_version") + 1
    )
    conversation.refresh_from_db(fields=["member_count", "members_version", "last_seq", "version"])


def revoke_lost_invites(conversation: Conversation) -> None:
    """Revoke the invites of whoever may make none any more: of who lost the right, and of who is no member."""
    live = ConversationInvite.objects.filter(conversation=conversation, revoked_at__isnull=True)
    creators = set(live.values_list("created_by_id", flat=True).distinct())
    if not creators:
        return
    rows = ConversationMember.objects.filter(
        conversation=conversation, user_id__in=[key for key in creators if key], is_active=True
    )
    entitled = {row.user_id for row in rows if Capability.MANAGE_INVITES in member_rights(conversation, row)}
    if lost := creators - entitled:
        by_nobody = live.filter(created_by__isnull=True)
        (live.filter(created_by_id__in=[key for key in lost if key]) | by_nobody).update(revoked_at=Now())

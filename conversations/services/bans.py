"""Keeping people out, and the one call by which a member is changed in any way.

A ban ends the membership: the person is no member, counted nowhere, and what they had is gone. Its own end is judged by
the clock when they want to come back, or somebody adds them; nothing has to be written at that moment, and neither
`member_count` nor `members_version` depends on the time.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from chat_project.core import audit
from chat_project.core.errors import InvalidError
from conversations import policies
from conversations.enums import JoinRequestStatus, LeftReason, Role
from conversations.errors import MemberNotFoundError
from conversations.models import Conversation, ConversationMember, JoinRequest
from conversations.selectors.memberships import get_membership
from conversations.services.roles import change_member
from conversations.services.roster import end_membership, locked, raise_members_version


@transaction.atomic
def update_member(*, actor: User, conversation_id: str, user_id: str, changes: Mapping[str, Any]) -> ConversationMember:
    """Ban a person or lift their ban by `banned_until`, or change what `change_member` changes; return them.

    Raises what those do; InvalidError where a ban comes with anything else.
    """
    others = {field: value for field, value in changes.items() if field != "banned_until"}
    target: Any = {"actor": actor, "conversation_id": conversation_id, "user_id": user_id}
    if changes.get("banned_until") is not None:
        if others:
            raise InvalidError.of("banned_until", "Who is banned has neither role nor permissions: give it alone.")
        return ban_member(**target, until=changes["banned_until"])
    if "banned_until" in changes:
        member = lift_ban(**target)
        if not others:
            return member
    return change_member(**target, changes=others)


@transaction.atomic
def ban_member(*, actor: User, conversation_id: str, user_id: str, until: datetime) -> ConversationMember:
    """Ban a person till a time, or change the end of their ban; who left may be banned too.

    Raises ConversationNotFoundError, NotAllowedError, MemberNotFoundError for who never was a member, InvalidError
    for a time that has passed.
    """
    conversation = locked(conversation_id)
    membership = get_membership(viewer_id=actor.pk, conversation_id=conversation_id)
    policies.require_manager(membership)
    if until <= timezone.now():
        raise InvalidError.of("banned_until", "Give a time that lies ahead.")
    member = _former_or_present(conversation, user_id)
    policies.require_above(membership, Role(member.role))
    if member.is_active:
        end_membership(conversation, member, reason=LeftReason.BANNED, banned_until=until, announced_by=actor.pk)
    else:
        ConversationMember.objects.filter(pk=member.pk).update(
            is_banned=True, banned_until=until, left_reason=LeftReason.BANNED, updated_at=Now()
        )
        raise_members_version(conversation)
    JoinRequest.objects.filter(conversation=conversation, user_id=user_id, status=JoinRequestStatus.PENDING).update(
        status=JoinRequestStatus.DECLINED, decided_by=actor, decided_at=Now()
    )
    audit.record(
        actor_id=actor.pk, action="member.banned", target=conversation, user_id=user_id, until=until.isoformat()
    )
    return _former_or_present(conversation, user_id)


@transaction.atomic
def lift_ban(*, actor: User, conversation_id: str, user_id: str) -> ConversationMember:
    """Lift a person's ban: they may come back, and are no member by that. Without a ban nothing changes.

    Raises ConversationNotFoundError, NotAllowedError, MemberNotFoundError.
    """
    conversation = locked(conversation_id)
    membership = get_membership(viewer_id=actor.pk, conversation_id=conversation_id)
    policies.require_manager(membership)
    member = _former_or_present(conversation, user_id)
    if not member.is_banned:
        policies.require_above(membership, Role(member.role))
        return member
    ConversationMember.objects.filter(pk=member.pk).update(is_banned=False, banned_until=None, updated_at=Now())
    raise_members_version(conversation)
    audit.record(actor_id=actor.pk, action="member.unbanned", target=conversation, user_id=user_id)
    return _former_or_present(conversation, user_id)


def _former_or_present(conversation: Conversation, user_id: str) -> ConversationMember:
    member = ConversationMember.objects.filter(conversation=conversation, user_id=user_id).first()
    if member is None:
        raise MemberNotFoundError
    return member

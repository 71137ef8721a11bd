"""What members may do: roles, their own permissions, and whose the conversation is."""

from collections.abc import Mapping
from copy import copy
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from chat_project.core import audit
from chat_project.core.errors import InvalidError
from conversations import policies
from conversations.conversation_settings import checked_permissions
from conversations.enums import ConversationType, Role
from conversations.models import Conversation, ConversationMember
from conversations.policies import Capability
from conversations.selectors.memberships import get_membership
from conversations.services.announcements import tell_members, tell_own, tell_updated
from conversations.services.roster import (
    active_member,
    locked,
    member_rights,
    raise_members_version,
    revoke_lost_invites,
)


@transaction.atomic
def change_member(*, actor: User, conversation_id: str, user_id: str, changes: Mapping[str, Any]) -> ConversationMember:
    """Change some of a member's `role`, `permissions` and `restricted_until`; return the member as they now stand.

    Given permissions take the place of the old ones; `adjustments` change single words of them, to None for what the
    role has, and leave the end of what is taken away. A new role begins without any, unless they are given with it.
    `restricted_until` is when what the permissions take away comes back; None: never.

    Raises ConversationNotFoundError, MemberNotFoundError, InvalidError; NotAllowedError on an equal or higher role,
    and where the actor would grant what they lack.
    """
    conversation = locked(conversation_id)
    membership = get_membership(viewer_id=actor.pk, conversation_id=conversation_id)
    policies.require_manager(membership)
    member = active_member(conversation, user_id)
    was = Role(member.role)
    policies.require_above(membership, was)
    former = copy(member)
    changed = _changed(member, changes)
    if not changed:
        return member
    if "role" in changed:
        policies.require_may_give(membership, Role(member.role))
    policies.require_may_grant(membership, _granted(conversation, former, member))
    member.updated_at = Now()
    member.save(update_fields=[*changed, "updated_at"])
    raise_members_version(conversation)
    revoke_lost_invites(conversation)
    audit.record(
        actor_id=actor.pk, action="member.changed", target=conversation, user_id=user_id, **_recorded(member, changed)
    )
    tell_members(conversation, [user_id], event="member.updated", was=was)
    tell_own(conversation.pk, [user_id])
    return active_member(conversation, user_id)


@transaction.atomic
def transfer_ownership(*, owner: User, conversation_id: str, user_id: str) -> None:
    """Make another member the owner; the old one becomes an ADMIN.

    Raises ConversationNotFoundError, NotAllowedError for whoever is not the owner, MemberNotFoundError, InvalidError
    where the member is the owner already.
    """
    conversation = locked(conversation_id)
    membership = get_membership(viewer_id=owner.pk, conversation_id=conversation_id)
    policies.require_right(membership, Capability.TRANSFER)
    if user_id == owner.pk:
        raise InvalidError.of("user_id", "This conversation is yours already.")
    heir = active_member(conversation, user_id)
    # One OWNER a conversation: the old one steps down first.
    _give(owner.pk, conversation, Role.ADMIN)
    _give(user_id, conversation, Role.OWNER)
    Conversation.objects.filter(pk=conversation_id).update(owner_id=user_id, updated_at=Now())
    conversation.refresh_from_db()
    audit.record(actor_id=owner.pk, action="ownership.transferred", target=conversation, user_id=user_id)
    tell_updated(conversation, rights_changed=True)
    tell_members(conversation, [user_id], event="member.updated", was=Role(heir.role))
    tell_members(conversation, [owner.pk], event="member.updated", was=Role.OWNER)
    tell_own(conversation_id, [owner.pk, user_id])


def _changed(member: ConversationMember, changes: Mapping[str, Any]) -> list[str]:
    """Put the changes on the member; return the fields that are other than before. Raises InvalidError."""
    values = dict(changes)
    if "adjustments" in values:
        values |= _adjusted(member, values.pop("adjustments"), values)
    if "permissions" in values:
        values["permissions"] = checked_permissions(values["permissions"])
        values.setdefault("restricted_until", None)
    if values.get("role", member.role) != member.role:
        values = {"permissions": {}, "restricted_until": None, **values}
    changed = [field for field, value in values.items() if value != getattr(member, field)]
    for field in changed:
        setattr(member, field, values[field])
    return changed


def _adjusted(
    member: ConversationMember, adjustments: Mapping[str, bool | None], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a member's permissions with single words changed, and when what they take away comes back."""
    now = policies.permissions_now(member.permissions, member.restricted_until)
    permissions = {word: may for word, may in {**now, **adjustments}.items() if may is not None}
    end = values.get("restricted_until", member.restricted_until if False in now.values() else None)
    # An end that has nothing to give back would stand for a later restriction.
    return {"permissions": permissions, "restricted_until": end if False in permissions.values() else None}


def _granted(
    conversation: Conversation, former: ConversationMember, member: ConversationMember
) -> frozenset[Capability]:
    """Return the rights that a changed member gains: now, when their restrictions end, or should defaults narrow."""
    held = member_rights(conversation, former)
    if former.restricted_until and member.restricted_until and member.restricted_until >= former.restricted_until:
        # What stays away as long as before comes back by itself.
        both = ((word, former.permissions.get(word)) for word, may in member.permissions.items() if may is False)
        away = frozenset(Capability(word) for word, may in both if may is False)
        held |= _rights_in_the_end(conversation, former) & away
    given = {word for word, may in member.permissions.items() if may and not former.permissions.get(word)}
    return (_rights_in_the_end(conversation, member) - held) | frozenset(Capability(word) for word in given)


def _rights_in_the_end(conversation: Conversation, member: ConversationMember) -> frozenset[Capability]:
    """Return what a member may do once their restrictions have ended, where they end."""
    lasting = member.permissions
    if member.restricted_until is not None:
        lasting = {word: True for word, may in lasting.items() if may}
    return policies.rights_of(
        type=ConversationType(conversation.type),
        role=Role(member.role),
        settings=conversation.settings,
        permissions=lasting,
    )


def _give(user_id: str, conversation: Conversation, role: Role) -> None:
    ConversationMember.objects.filter(pk=(conversation.pk, user_id)).update(
        role=role, permissions={}, restricted_until=None, updated_at=Now()
    )


def _recorded(member: ConversationMember, changed: list[str]) -> dict[str, Any]:
    values = {field: getattr(member, field) for field in changed}
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}

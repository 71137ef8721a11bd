"""Who may do what in a conversation: questions without writes."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from accounts import policies as accounts_policies
from chat_project.core.errors import NotAllowedError
from conversations.conversation_settings import PERMISSION_WORDS, complete_settings
from conversations.enums import ConversationType, Role
from conversations.errors import ConversationArchivedError
from conversations.selectors.memberships import Membership

# How many messages a stranger may send before the other has written too.
STRANGER_MESSAGES = 3


class Capability(StrEnum):
    """What a member may be able to do; the first ten are the words of `permissions`."""

    SEND_MESSAGES = "send_messages"
    SEND_MEDIA = "send_media"
    REACT = "react"
    ADD_MEMBERS = "add_members"
    PIN_MESSAGES = "pin_messages"
    CHANGE_INFO = "change_info"
    MANAGE_INVITES = "manage_invites"
    DELETE_MESSAGES = "delete_messages"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_ADMINS = "manage_admins"
    ARCHIVE = "archive"
    TRANSFER = "transfer"
    DELETE_CONVERSATION = "delete_conversation"


_POSTING = frozenset({Capability.SEND_MESSAGES, Capability.SEND_MEDIA})
_MODERATING = frozenset(
    {Capability.DELETE_MESSAGES, Capability.PIN_MESSAGES, Capability.ADD_MEMBERS, Capability.MANAGE_MEMBERS}
)
_OWNING = frozenset({Capability.TRANSFER, Capability.DELETE_CONVERSATION})

# What each role may do by itself; the conversation's defaults and a member's own permissions narrow or widen it.
RIGHTS: Mapping[ConversationType, Mapping[Role, frozenset[Capability]]] = {
    ConversationType.GROUP: {
        Role.OWNER: frozenset(Capability),
        Role.ADMIN: frozenset(Capability) - _OWNING - {Capability.MANAGE_ADMINS},
        Role.MODERATOR: _POSTING | _MODERATING | {Capability.REACT},
        Role.MEMBER: _POSTING | {Capability.REACT},
    },
    ConversationType.CHANNEL: {
        Role.OWNER: frozenset(Capability),
        Role.ADMIN: frozenset(Capability) - _OWNING - {Capability.MANAGE_ADMINS},
        Role.MODERATOR: _MODERATING | {Capability.REACT},
        Role.MEMBER: frozenset({Capability.REACT}),
    },
    ConversationType.DM: {
        Role.MEMBER: _POSTING | {Capability.REACT, Capability.PIN_MESSAGES},
    },
}

# Who stands above whom: nobody acts on an equal or higher role.
RANK: Mapping[Role, int] = {Role.MEMBER: 0, Role.MODERATOR: 1, Role.ADMIN: 2, Role.OWNER: 3}

# Whom the MEMBERs of a channel see, beside themselves.
SEEN_IN_CHANNELS = frozenset({Role.OWNER, Role.ADMIN})


def rights_of(
    *,
    type: ConversationType,
    role: Role,
    settings: Mapping[str, object],
    permissions: Mapping[str, bool],
    restricted_until: datetime | None = None,
) -> frozenset[Capability]:
    """Return what a member may do now, all told."""
    rights = set(RIGHTS[type][role])
    settings = complete_settings(settings)
    if type != ConversationType.DM and role != Role.OWNER:
        defaults = settings["default_permissions"]
        if role == Role.MEMBER and isinstance(defaults, dict):
            in_channel = type == ConversationType.CHANNEL
            _adjust(rights, {w: may for w, may in defaults.items() if not (may and in_channel and w in _POSTING)})
        _adjust(rights, permissions_now(permissions, restricted_until))
    if not settings["allow_reactions"]:
        rights.discard(Capability.REACT)
    return frozenset(rights)


def permissions_now(permissions: Mapping[str, bool], restricted_until: datetime | None) -> dict[str, bool]:
    """Return a member's own permissions; what they take away is gone once its end has passed.

    Nothing is written when a restriction ends, and no version moves: time only gives rights, so whoever was judged a
    moment before was judged too strictly, never too kindly.
    """
    if restricted_until is None or restricted_until > timezone.now():
        return dict(permissions)
    return {word: True for word, allowed in permissions.items() if allowed}


def is_banned_now(is_banned: bool, banned_until: datetime | None) -> bool:
    """Tell whether a ban still holds. A ban ends the membership; its own end only lets the person come back."""
    return is_banned and (banned_until is None or banned_until > timezone.now())


def permissions_of(membership: Membership) -> dict[str, bool]:
    """Return every permission word with true or false: `my_permissions`."""
    rights = _rights(membership)
    return {word: word in rights for word in PERMISSION_WORDS}


def may(membership: Membership, capability: Capability) -> bool:
    """Tell whether a member may do something."""
    return capability in _rights(membership)


def require(membership: Membership, capability: Capability) -> None:
    """Raise NotAllowedError unless the member may do it; ConversationArchivedError where all is at rest."""
    if membership.archived_at is not None:
        raise ConversationArchivedError
    require_right(membership, capability)


def require_right(membership: Membership, capability: Capability) -> None:
    """Raise NotAllowedError unless the member may do it, be the conversation archived or not."""
    if not may(membership, capability):
        raise NotAllowedError


def require_above(membership: Membership, role: Role) -> None:
    """Raise NotAllowedError unless the member stands above a role."""
    if RANK[membership.role] <= RANK[role]:
        raise NotAllowedError


def may_give(membership: Membership, role: Role) -> bool:
    """Tell whether the member may give a role: one below their own, or ADMIN by `manage_admins`."""
    if role == Role.ADMIN and not may(membership, Capability.MANAGE_ADMINS):
        return False
    return RANK[role] < RANK[membership.role] or role == membership.role == Role.ADMIN


def require_may_give(membership: Membership, role: Role) -> None:
    """Raise NotAllowedError unless the member may give a role."""
    if not may_give(membership, role):
        raise NotAllowedError


def require_may_grant(membership: Membership, rights: frozenset[Capability]) -> None:
    """Raise NotAllowedError where there is a right among these that the member lacks."""
    if rights - _rights(membership):
        raise NotAllowedError


def require_not_dm(membership: Membership) -> None:
    """Raise NotAllowedError in a DM, which has no members to manage and nothing to leave."""
    if membership.is_dm:
        raise NotAllowedError


def require_manager(membership: Membership) -> None:
    """Raise NotAllowedError unless the member judges who is in: removes, restricts, bans, approves."""
    require_not_dm(membership)
    require_right(membership, Capability.MANAGE_MEMBERS)


def is_exempt_from_slow_mode(membership: Membership) -> bool:
    """Tell whether slow mode leaves a member alone."""
    return membership.role != Role.MEMBER


def require_may_send(membership: Membership, *, media: bool = False) -> None:
    """Raise NotAllowedError or ConversationArchivedError unless the member may send here now."""
    require(membership, Capability.SEND_MEDIA if media else Capability.SEND_MESSAGES)
    require_reachable(membership)


def require_may_annotate(membership: Membership, capability: Capability) -> None:
    """Raise NotAllowedError or ConversationArchivedError unless the member may react or pin here now."""
    require(membership, capability)
    require_reachable(membership)


def require_reachable(membership: Membership) -> None:
    """Raise NotAllowedError in a DM whose other person is out of reach.

    A block, a closed account and the other's privacy get one and the same answer.
    """
    peer = membership.peer
    if peer is None:
        return
    if peer.blocked or not peer.is_open:
        raise NotAllowedError
    if is_stranger(membership) and not accounts_policies.allows(
        peer.privacy_settings,
        "direct_messages",
        subject_id=peer.user_id,
        viewer_id=membership.user_id,
        is_contact=peer.is_contact,
    ):
        raise NotAllowedError


def require_no_block(membership: Membership) -> None:
    """Raise NotAllowedError in a DM whose two people a block parts."""
    if membership.peer is not None and membership.peer.blocked:
        raise NotAllowedError


def is_stranger(membership: Membership) -> bool:
    """Tell whether a member writes to somebody who is no contact and has not written yet."""
    peer = membership.peer
    return peer is not None and not peer.has_sent and not peer.is_contact


def sees_members(membership: Membership) -> bool:
    """Tell whether a member sees all members.

    In a channel, MEMBERs who don't manage members see OWNER, ADMINs and themselves alone.
    """
    return (
        membership.type != ConversationType.CHANNEL
        or membership.role != Role.MEMBER
        or may(membership, Capability.MANAGE_MEMBERS)
    )


def _rights(membership: Membership) -> frozenset[Capability]:
    return rights_of(
        type=membership.type,
        role=membership.role,
        settings=membership.settings,
        permissions=membership.permissions,
        restricted_until=membership.restricted_until,
    )


def _adjust(rights: set[Capability], permissions: Mapping[str, bool]) -> None:
    for word, allowed in permissions.items():
        (rights.add if allowed else rights.discard)(Capability(word))

"""What one member may do, as who manages members sees and sets it."""

from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from conversations import policies, services
from conversations import representations as shown
from conversations.conversation_settings import PERMISSION_WORDS
from conversations.enums import Role
from conversations.errors import MemberNotFoundError
from conversations.selectors.members import SeenMember, find_members
from conversations.selectors.memberships import Membership, get_membership
from messaging.web.editing import WORDS, ticked

# What is offered for those who run the conversation alone: from which role on.
_RUNNING = (
    ("delete_messages", _("Delete messages of others"), Role.MODERATOR),
    ("manage_members", _("Restrict, remove, ban and let in"), Role.MODERATOR),
    ("manage_admins", _("Make admins"), Role.ADMIN),
)
# What the button says that gives a role, and the one that takes it.
_ROLES = (
    (Role.ADMIN, "shield", _("Make an admin"), _("No admin any more")),
    (Role.MODERATOR, "flag", _("Make a moderator"), _("No moderator any more")),
)
_ENDS = (("", _("never")), ("1", _("after a day")), ("7", _("after a week")), ("30", _("after 30 days")))
_WRITING = ("send_messages", "send_media")
# The choice that leaves the end as it stands.
KEPT = "kept"


def is_managed(membership: Membership, role: Role) -> bool:
    """Tell whether who has this membership manages a member of a role."""
    may = policies.may(membership, policies.Capability.MANAGE_MEMBERS)
    return may and policies.RANK[membership.role] > policies.RANK[role]


def roles_offered(membership: Membership, role: Role) -> list[tuple[str, str, Any]]:
    """Return what a member of a role can be made: the new role, an icon, and what the button says."""
    offered = []
    for each, icon, give, take in _ROLES:
        if each == role:
            offered.append((Role.MEMBER.value, icon, take))
        elif policies.RANK[each] > policies.RANK[role] and policies.may_give(membership, each):
            offered.append((each.value, icon, give))
    return offered


def form_of(*, viewer: User, conversation_id: str, user_id: str) -> dict[str, Any]:
    """Return what the form of a member shows.

    Raises ConversationNotFoundError, MemberNotFoundError; NotAllowedError where the viewer does not manage members, or
    does not stand above this one.
    """
    membership, member = _managed(viewer, conversation_id, user_id)
    own = _own(member)
    may = _by_role(membership, member) | own
    has_end = False in own.values() and member.row.restricted_until is not None
    return {
        "member": shown.member(member.row, member.person, shows_reading=False),
        "words": [(word, label, may[word]) for word, label in _offered(membership, member)],
        "ends": ((KEPT, _("as set before")), *_ENDS) if has_end else _ENDS,
    }


def save(*, actor: User, conversation_id: str, user_id: str, given: QueryDict, end: datetime | None) -> None:
    """Change what a form changes of a member's permissions; what somebody else has set since it was shown stays.

    What the role has is not kept. Raises what `form_of` and `services.update_member` do.
    """
    membership, member = _managed(actor, conversation_id, user_id)
    by_role = _by_role(membership, member)
    chosen = ticked(given, (word for word, _label in _offered(membership, member)))
    changes: dict[str, Any] = {
        "adjustments": {word: None if may == by_role[word] else may for word, may in chosen.items()}
    }
    if given.get("end", KEPT) != given.get("was-end", KEPT):
        changes["restricted_until"] = end
    services.update_member(actor=actor, conversation_id=conversation_id, user_id=user_id, changes=changes)


def silence(*, actor: User, conversation_id: str, user_id: str) -> None:
    """Let a member only read; a restriction that has an end keeps it.

    Raises what `form_of` and `services.update_member` do.
    """
    _write(actor, conversation_id, user_id, may=False)


def unsilence(*, actor: User, conversation_id: str, user_id: str) -> None:
    """Take back that a member only reads. Raises what `form_of` and `services.update_member` do."""
    _write(actor, conversation_id, user_id, may=None)


def _write(actor: User, conversation_id: str, user_id: str, *, may: bool | None) -> None:
    _managed(actor, conversation_id, user_id)
    changes = {"adjustments": dict.fromkeys(_WRITING, may)}
    services.update_member(actor=actor, conversation_id=conversation_id, user_id=user_id, changes=changes)


def _managed(actor: User, conversation_id: str, user_id: str) -> tuple[Membership, SeenMember]:
    membership = get_membership(viewer_id=actor.pk, conversation_id=conversation_id)
    # First: who manages nobody does not learn who is in.
    policies.require_manager(membership)
    found = find_members(viewer=actor, conversation_id=conversation_id, user_ids=[user_id])
    if not found:
        raise MemberNotFoundError
    policies.require_above(membership, Role(found[0].row.role))
    return membership, found[0]


def _own(member: SeenMember) -> dict[str, bool]:
    return policies.permissions_now(member.row.permissions, member.row.restricted_until)


def _offered(membership: Membership, member: SeenMember) -> list[tuple[str, Any]]:
    """Return the words that the viewer has: nobody gives what they lack."""
    mine, rank = policies.permissions_of(membership), policies.RANK[Role(member.row.role)]
    running = [(word, label) for word, label, role in _RUNNING if rank >= policies.RANK[role]]
    return [(word, label) for word, label in (*WORDS, *running) if mine[word]]


def _by_role(membership: Membership, member: SeenMember) -> dict[str, bool]:
    rights = policies.rights_of(
        type=membership.type, role=Role(member.row.role), settings=membership.settings, permissions={}
    )
    return {word: word in rights for word in PERMISSION_WORDS}

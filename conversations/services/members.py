"""Who comes to a conversation and who leaves it."""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts import policies as accounts_policies
from accounts.models import BlockedUser, User
from accounts.selectors.people import Person, get_people
from chat_project.core import audit
from chat_project.core.errors import InvalidError
from conversations import policies
from conversations.enums import LeftReason, Role
from conversations.errors import OwnerMustTransferError
from conversations.models import Conversation, ConversationMember
from conversations.policies import Capability
from conversations.selectors.memberships import get_membership
from conversations.services.roster import active_member, end_membership, join_people, locked
from conversations.services.succession import pass_ownership_on

USER_IDS_MAX = 200


@transaction.atomic
def add_members(*, actor: User, conversation_id: str, user_ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """Add people; return who is a member now for that, and who was not added.

    Whom privacy, a block or a ban keeps out, who left by their own will and is no contact, and who is not there, is
    not added. Raises ConversationNotFoundError, NotAllowedError, InvalidError.
    """
    conversation = locked(conversation_id)
    membership = get_membership(viewer_id=actor.pk, conversation_id=conversation_id)
    policies.require_not_dm(membership)
    policies.require(membership, Capability.ADD_MEMBERS)
    addable, not_added = split_addable(
        adder=actor,
        conversation=conversation,
        user_ids=user_ids,
        sees_members=policies.sees_members(membership),
    )
    if addable:
        join_people(conversation, addable, actor_id=actor.pk, invited_by_id=actor.pk)
    return addable, not_added


@transaction.atomic
def remove_member(*, actor: User, conversation_id: str, user_id: str) -> None:
    """Remove a member. Raises ConversationNotFoundError, MemberNotFoundError, NotAllowedError."""
    conversation = locked(conversation_id)
    membership = get_membership(viewer_id=actor.pk, conversation_id=conversation_id)
    policies.require_manager(membership)
    member = active_member(conversation, user_id)
    policies.require_above(membership, Role(member.role))
    end_membership(conversation, member, reason=LeftReason.REMOVED, announced_by=actor.pk)
    audit.record(actor_id=actor.pk, action="member.removed", target=conversation, user_id=user_id)


@transaction.atomic
def leave_conversation(*, member: User, conversation_id: str) -> None:
    """Leave a group or a channel; who owns it, and is its last member, leaves it archived.

    Raises ConversationNotFoundError, NotAllowedError in a DM, OwnerMustTransferError.
    """
    conversation = locked(conversation_id)
    membership = get_membership(viewer_id=member.pk, conversation_id=conversation_id)
    policies.require_not_dm(membership)
    if membership.role == Role.OWNER:
        if conversation.member_count > 1:
            raise OwnerMustTransferError
        pass_ownership_on(conversation, leaving_id=member.pk)
    row = active_member(conversation, member.pk)
    end_membership(conversation, row, reason=LeftReason.LEFT, announced_by=member.pk)


def split_addable(
    *,
    adder: User,
    conversation: Conversation,
    user_ids: Sequence[str],
    field: str = "user_ids",
    sees_members: bool = True,
) -> tuple[list[str], list[str]]:
    """Return who of these people may be added by somebody, and who may not. Raises InvalidError of `field`.

    Who is a member already is none of either, but for an adder who may not know of it.
    """
    wanted = list(dict.fromkeys(user_ids))
    if len(wanted) > USER_IDS_MAX:
        raise InvalidError.of(field, f"Give at most {USER_IDS_MAX} people at once.")
    people = get_people(viewer=adder, user_ids=wanted)
    standing = {
        row.user_id: row for row in ConversationMember.objects.filter(conversation=conversation, user_id__in=wanted)
    }
    room = settings.GROUP_MAX_MEMBERS - conversation.member_count
    apart_from_owner = _apart_from_owner(conversation, adder, wanted)
    addable = [
        user_id
        for user_id in wanted
        if user_id in people
        and user_id not in apart_from_owner
        and _is_addable(adder, people[user_id], standing.get(user_id))
    ][: max(0, room)]
    refused = set(wanted) - set(addable)
    members_already = {user_id for user_id, row in standing.items() if row.is_active and sees_members}
    return addable, [user_id for user_id in wanted if user_id in refused - members_already]


def _apart_from_owner(conversation: Conversation, adder: User, user_ids: Sequence[str]) -> set[str]:
    """Return who of these people a block parts from the owner, where somebody else adds them."""
    owner_id = conversation.owner_id
    if owner_id is None or owner_id == adder.pk:
        return set()
    blocks = BlockedUser.objects.filter(
        Q(blocker_id=owner_id, blocked_id__in=user_ids) | Q(blocked_id=owner_id, blocker_id__in=user_ids)
    )
    return {user_id for pair in blocks.values_list("blocker_id", "blocked_id") for user_id in pair} - {owner_id}


def _is_addable(adder: User, person: Person, standing: ConversationMember | None) -> bool:
    if person.user.pk == adder.pk or not person.user.is_active or person.i_blocked or person.blocked_me:
        return False
    if standing is not None:
        left_willingly = standing.left_reason == LeftReason.LEFT and not person.is_contact
        banned = policies.is_banned_now(standing.is_banned, standing.banned_until)
        if standing.is_active or banned or left_willingly:
            return False
    return accounts_policies.allows(
        person.user.privacy_settings,
        "group_invites",
        subject_id=person.user.pk,
        viewer_id=adder.pk,
        is_contact=person.is_contact,
    )

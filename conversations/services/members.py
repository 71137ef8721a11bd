"""Who comes to a conversation and who leaves it."""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts import policies as accounts_policies
from accounts.models import BlockedUser, User
from accounts.selectors.people import Person, get_people
from chat_project.core import audit
from chat_project.core.errors import InvalidError
from chat_project.core.realtime.publish import publish_on_commit
from conversations import events, policies
from conversations.conversation_settings import complete_settings
from conversations.enums import ConversationType, LeftReason, Role
from conversations.errors import ConversationNotFoundError, MemberNotFoundError, OwnerMustTransferError
from conversations.models import Conversation, ConversationMember
from conversations.policies import Capability
from conversations.selectors.memberships import get_membership
from conversations.services.announcements import announce, tell_added, tell_members

USER_IDS_MAX = 200


@transaction.atomic
def add_members(*, actor: User, conversation_id: str, user_ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """Add people; return who is a member now for that, and who was not added.

    Whom privacy, a block or a ban keeps out, who left by their own will and is no contact, and who is not there, is
    not added. Raises ConversationNotFoundError, NotAllowedError, InvalidError.
    """
    conversation = _locked(conversation_id)
    membership = get_membership(viewer_id=actor.pk, conversation_id=conversation_id)
    policies.require_not_dm(membership)
    policies.require(membership, Capability.ADD_MEMBERS)
    addable, not_added = split_addable(adder=actor, conversation=conversation, user_ids=user_ids)
    if addable:
        join_people(conversation, addable, adder=actor)
    return addable, not_added


@transaction.atomic
def remove_member(*, actor: User, conversation_id: str, user_id: str) -> None:
    """Remove a member. Raises ConversationNotFoundError, MemberNotFoundError, NotAllowedError."""
    conversation = _locked(conversation_id)
    membership = get_membership(viewer_id=actor.pk, conversation_id=conversation_id)
    policies.require_not_dm(membership)
    policies.require(membership, Capability.MANAGE_MEMBERS)
    member = _active(conversation, user_id)
    policies.require_above(membership, Role(member.role))
    announced = not (conversation.type == ConversationType.CHANNEL and member.role == Role.MEMBER)
    _part(conversation, member, LeftReason.REMOVED)
    if announced:
        announce(conversation, actor_id=actor.pk, event="member.removed", user_ids=[user_id])
    audit.record(actor_id=actor.pk, action="member.removed", target=conversation, user_id=user_id)
    _tell_departure(conversation, user_id, reason="removed")


@transaction.atomic
def leave_conversation(*, member: User, conversation_id: str) -> None:
    """Leave a group or a channel; who owns it, and is its last member, leaves it archived.

    Raises ConversationNotFoundError, NotAllowedError in a DM, OwnerMustTransferError.
    """
    conversation = _locked(conversation_id)
    membership = get_membership(viewer_id=member.pk, conversation_id=conversation_id)
    policies.require_not_dm(membership)
    if membership.role == Role.OWNER and conversation.member_count > 1:
        raise OwnerMustTransferError
    if not (membership.type == ConversationType.CHANNEL and membership.role == Role.MEMBER):
        announce(conversation, actor_id=member.pk, event="member.left", user_ids=[member.pk])
    _part(conversation, _active(conversation, member.pk), LeftReason.LEFT)
    if membership.role == Role.OWNER:
        Conversation.objects.filter(pk=conversation_id).update(archived_at=Now(), owner=None)
    _tell_departure(conversation, member.pk, reason="left")


def split_addable(*, adder: User, conversation: Conversation, user_ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return who of these people may be added by somebody, and who may not. Raises InvalidError."""
    wanted = list(dict.fromkeys(user_ids))
    if len(wanted) > USER_IDS_MAX:
        raise InvalidError.of("user_ids", f"Give at most {USER_IDS_MAX} people at once.")
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
    members_already = {user_id for user_id, row in standing.items() if row.is_active}
    return addable, [user_id for user_id in wanted if user_id in refused - members_already]


def join_people(conversation: Conversation, user_ids: Sequence[str], *, adder: User) -> None:
    """Make people members, tell them and the others. `conversation` is locked by the caller."""
    history = complete_settings(conversation.settings)["history_for_new_members"]
    rows = [
        ConversationMember(
            conversation=conversation,
            user_id=user_id,
            role=Role.MEMBER,
            invited_by=adder,
            visible_from_seq=1 if history else conversation.last_seq + 1,
            last_read_seq=conversation.last_seq,
            last_delivered_seq=conversation.last_seq,
            last_read_message_id=conversation.last_message_id,
        )
        for user_id in sorted(user_ids)
    ]
    again = [
        "role",
        "permissions",
        "is_active",
        "joined_at",
        "left_at",
        "left_reason",
        "invited_by",
        "visible_from_seq",
        "last_read_seq",
        "last_delivered_seq",
        "last_read_message_id",
        "unread_mention_count",
        "updated_at",
    ]
    ConversationMember.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["conversation", "user"], update_fields=again
    )
    _count(conversation, len(rows))
    if conversation.type != ConversationType.CHANNEL:
        announce(conversation, actor_id=adder.pk, event="member.joined", user_ids=list(user_ids))
    publish_on_commit(events.membership_changed(conversation, tuple(user_ids)))
    tell_members(conversation, user_ids, event="member.joined")
    tell_added(conversation, user_ids)


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
        if standing.is_active or standing.is_banned or left_willingly:
            return False
    return accounts_policies.allows(
        person.user.privacy_settings,
        "group_invites",
        subject_id=person.user.pk,
        viewer_id=adder.pk,
        is_contact=person.is_contact,
    )


def _locked(conversation_id: str) -> Conversation:
    """Return the conversation under its lock, which orders all that changes its members."""
    conversation = Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk=conversation_id).first()
    if conversation is None:
        raise ConversationNotFoundError
    return conversation


def _active(conversation: Conversation, user_id: str) -> ConversationMember:
    member = ConversationMember.objects.filter(conversation=conversation, user_id=user_id, is_active=True).first()
    if member is None:
        raise MemberNotFoundError
    return member


def _part(conversation: Conversation, member: ConversationMember, reason: LeftReason) -> None:
    ConversationMember.objects.filter(pk=member.pk).update(
        is_active=False,
        role=Role.MEMBER,
        permissions={},
        left_at=Now(),
        left_reason=reason,
        updated_at=Now(),
    )
    _count(conversation, -1)


def _count(conversation: Conversation, change: int) -> None:
    """Count members, and raise members_version: whoever was judged by the old one is judged again."""
    Conversation.objects.filter(pk=conversation.pk).update(
        member_count=F("member_count") + change, members_version=F("members_version") + 1
    )
    conversation.refresh_from_db(fields=["member_count", "members_version", "last_seq", "version"])


def _tell_departure(conversation: Conversation, user_id: str, *, reason: str) -> None:
    publish_on_commit(
        events.membership_changed(conversation, (user_id,)),
        events.conversation_removed(user_id=user_id, conversation_id=conversation.pk, reason=reason),
    )
    tell_members(conversation, [user_id], event="member.left")

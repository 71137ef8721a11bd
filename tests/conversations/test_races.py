"""What two people do at the same moment."""

import pytest

from chat_project.core.errors import InvalidError, NotAllowedError, NotFoundError
from conversations.enums import Role
from conversations.errors import ConversationNotFoundError, InviteInvalidError, OwnerMustTransferError
from conversations.models import Conversation, ConversationInvite, ConversationMember
from conversations.representations import FOREVER
from conversations.services import (
    add_members,
    create_conversation,
    create_invite,
    delete_conversation,
    end_memberships,
    join_by_invite,
    join_public,
    leave_conversation,
    open_dm,
    remove_member,
    transfer_ownership,
    update_member,
)
from messaging.models import Message
from moderation.models import AuditLog
from tests.factories import UserFactory
from tests.messaging.drafting import send, timeline_of
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_who_write_to_each_other_at_once_have_one_dm(owner, member):
    results = at_once(
        *(lambda: open_dm(creator=owner, user_id=member.pk) for _ in range(3)),
        *(lambda: open_dm(creator=member, user_id=owner.pk) for _ in range(3)),
    )
    assert len({conversation_id for conversation_id, _ in results}) == 1
    assert [is_new for _, is_new in results].count(True) == 1
    assert ConversationMember.objects.count() == 2


def test_a_handle_goes_to_one_of_those_who_want_it(owner, member):
    results = at_once(
        *(
            lambda creator=creator: create_conversation(creator=creator, type="GROUP", title="Hikers", handle="hikers")
            for creator in (owner, member) * 2
        )
    )
    assert sum(isinstance(result, InvalidError) for result in results) == 3
    assert Conversation.objects.count() == 1


def test_nobody_says_a_word_after_they_were_removed(group, owner, member):
    def talk():
        for number in range(50):
            try:
                send(member, group, str(number))
            except ConversationNotFoundError:
                return

    at_once(talk, talk, lambda: remove_member(actor=owner, conversation_id=group.pk, user_id=member.pk))
    timeline = timeline_of(group)
    removed = next(row.seq for row in timeline if row.metadata.get("system", {}).get("event") == "member.removed")
    assert not Message.objects.filter(conversation=group, sender=member, seq__gt=removed).exists()
    assert [row.seq for row in timeline] == list(range(1, len(timeline) + 1))


def test_members_are_counted_whoever_comes_and_goes_at_once(group, owner, member):
    people = [UserFactory() for _ in range(4)]
    results = at_once(
        *(lambda p=p: add_members(actor=owner, conversation_id=group.pk, user_ids=[p.pk]) for p in people),
        *(lambda p=p: add_members(actor=owner, conversation_id=group.pk, user_ids=[p.pk]) for p in people),
        lambda: leave_conversation(member=member, conversation_id=group.pk),
        lambda: remove_member(actor=owner, conversation_id=group.pk, user_id=member.pk),
    )
    group.refresh_from_db()
    active = ConversationMember.objects.filter(conversation=group, is_active=True)
    assert group.member_count == active.count() == 5
    assert sum(isinstance(result, NotFoundError) for result in results) == 1
    joined = [row.metadata["system"] for row in timeline_of(group) if row.type == "SYSTEM"]
    assert len([line for line in joined if line["event"] == "member.joined"]) == 1 + len(people)


def test_an_owner_does_not_slip_out_while_somebody_comes(owner, member):
    conversation_id, _ = create_conversation(creator=owner, type="GROUP", title="Two")
    left, added = at_once(
        lambda: leave_conversation(member=owner, conversation_id=conversation_id),
        lambda: add_members(actor=owner, conversation_id=conversation_id, user_ids=[member.pk]),
    )
    group = Conversation.objects.get(pk=conversation_id)
    if isinstance(left, OwnerMustTransferError):
        assert (group.member_count, group.owner_id, group.archived_at) == (2, owner.pk, None)
    else:
        assert isinstance(added, ConversationNotFoundError)
        assert (group.member_count, group.owner_id) == (0, None)


def test_the_last_use_of_an_invite_goes_to_one(group, owner):
    people = [UserFactory() for _ in range(4)]
    code = create_invite(actor=owner, conversation_id=group.pk, max_uses=1).code
    results = at_once(*(lambda person=person: join_by_invite(user=person, code=code) for person in people))
    assert sum(isinstance(result, InviteInvalidError) for result in results) == 3
    assert ConversationInvite.objects.get(code=code).use_count == 1
    group.refresh_from_db()
    assert group.member_count == ConversationMember.objects.filter(conversation=group, is_active=True).count() == 3


def test_one_who_joins_twice_at_once_is_in_once(group, owner, outsider):
    code = create_invite(actor=owner, conversation_id=group.pk, max_uses=5).code
    at_once(*(lambda: join_by_invite(user=outsider, code=code) for _ in range(4)))
    assert ConversationInvite.objects.get(code=code).use_count == 1
    group.refresh_from_db()
    assert group.member_count == 3


def test_an_invite_dies_with_its_makers_right_whoever_joins_meanwhile(group, owner, member, outsider):
    update_member(
        actor=owner,
        conversation_id=group.pk,
        user_id=member.pk,
        changes={"permissions": {"manage_invites": True}},
    )
    code = create_invite(actor=member, conversation_id=group.pk).code
    joined, _, made = at_once(
        lambda: join_by_invite(user=outsider, code=code),
        lambda: remove_member(actor=owner, conversation_id=group.pk, user_id=member.pk),
        lambda: create_invite(actor=member, conversation_id=group.pk),
    )
    assert not ConversationInvite.objects.filter(revoked_at__isnull=True).exists()
    assert isinstance(made, (ConversationInvite, ConversationNotFoundError))
    is_in = ConversationMember.objects.filter(conversation=group, user=outsider, is_active=True).exists()
    assert is_in is not isinstance(joined, InviteInvalidError)


def test_of_two_transfers_one_counts(group, owner, member):
    other = UserFactory()
    add_members(actor=owner, conversation_id=group.pk, user_ids=[other.pk])
    results = at_once(
        *(
            lambda heir=heir: transfer_ownership(owner=owner, conversation_id=group.pk, user_id=heir.pk)
            for heir in (member, other)
        )
    )
    assert sum(isinstance(result, NotAllowedError) for result in results) == 1
    group.refresh_from_db()
    [row] = ConversationMember.objects.filter(conversation=group, role=Role.OWNER)
    assert row.user_id == group.owner_id


def test_who_is_made_admin_and_unmade_at_once_is_one_of_the_two(group, owner, member):
    before = Conversation.objects.get(pk=group.pk).members_version
    results = at_once(
        *(
            lambda role=role: update_member(
                actor=owner, conversation_id=group.pk, user_id=member.pk, changes={"role": role}
            )
            for role in ("ADMIN", "MODERATOR", "ADMIN", "MEMBER")
        )
    )
    assert not any(isinstance(result, Exception) for result in results)
    row = ConversationMember.objects.get(pk=(group.pk, member.pk))
    changes = AuditLog.objects.filter(action="member.changed", resource_id=group.pk).order_by("id")
    assert row.role in ("ADMIN", "MODERATOR", "MEMBER")
    group.refresh_from_db()
    assert group.members_version == before + changes.count()


def test_an_admin_who_is_unmade_while_they_remove_somebody_does_it_before_or_not_at_all(group, owner, member):
    admin = UserFactory()
    add_members(actor=owner, conversation_id=group.pk, user_ids=[admin.pk])
    change = {"actor": owner, "conversation_id": group.pk, "user_id": admin.pk}
    update_member(**change, changes={"role": "ADMIN"})
    removed, _ = at_once(
        lambda: remove_member(actor=admin, conversation_id=group.pk, user_id=member.pk),
        lambda: update_member(**change, changes={"role": "MEMBER"}),
    )
    is_in = ConversationMember.objects.get(pk=(group.pk, member.pk)).is_active
    assert is_in is isinstance(removed, NotAllowedError)


def test_nobody_says_a_word_after_they_were_banned(group, owner, member):
    def talk():
        for number in range(50):
            try:
                send(member, group, str(number))
            except ConversationNotFoundError:
                return

    ban = {"banned_until": FOREVER}
    at_once(
        talk,
        talk,
        lambda: update_member(actor=owner, conversation_id=group.pk, user_id=member.pk, changes=ban),
    )
    timeline = timeline_of(group)
    banned = next(row.seq for row in timeline if row.metadata.get("system", {}).get("event") == "member.removed")
    assert not Message.objects.filter(conversation=group, sender=member, seq__gt=banned).exists()
    assert [row.seq for row in timeline] == list(range(1, len(timeline) + 1))


def test_an_owner_who_leaves_and_passes_it_on_at_once_leaves_it_owned(group, owner, member):
    at_once(
        lambda: leave_conversation(member=owner, conversation_id=group.pk),
        lambda: transfer_ownership(owner=owner, conversation_id=group.pk, user_id=member.pk),
        lambda: leave_conversation(member=member, conversation_id=group.pk),
    )
    group.refresh_from_db()
    active = ConversationMember.objects.filter(conversation=group, is_active=True)
    assert group.member_count == active.count()
    owners = [row.user_id for row in active if row.role == Role.OWNER]
    assert owners == ([] if group.owner_id is None else [group.owner_id])
    assert (group.owner_id is None) == (group.member_count == 0) == (group.archived_at is not None)


def test_a_conversation_that_is_deleted_under_those_who_write_is_gone(group, owner, member):
    def talk():
        for number in range(50):
            try:
                send(member, group, str(number))
            except ConversationNotFoundError:
                return

    deleted = at_once(talk, lambda: delete_conversation(owner=owner, conversation_id=group.pk), talk)[1]
    assert deleted is None
    assert not Conversation.objects.exists()
    assert not Message.objects.exists()


def test_members_come_by_every_way_at_once_and_the_group_holds_its_limit(group, owner, settings):
    settings.GROUP_MAX_MEMBERS = 4
    Conversation.objects.filter(pk=group.pk).update(handle="hikers")
    code = create_invite(actor=owner, conversation_id=group.pk).code
    people = [UserFactory() for _ in range(6)]
    at_once(
        *(lambda p=p: join_by_invite(user=p, code=code) for p in people[:2]),
        *(lambda p=p: join_public(user=p, conversation_id=group.pk) for p in people[2:4]),
        *(lambda p=p: add_members(actor=owner, conversation_id=group.pk, user_ids=[p.pk]) for p in people[4:]),
    )
    group.refresh_from_db()
    assert group.member_count == ConversationMember.objects.filter(conversation=group, is_active=True).count() == 4


def test_two_accounts_that_close_at_once_leave_an_owner_or_an_archive(group, owner, member):
    at_once(lambda: end_memberships(user_id=owner.pk), lambda: end_memberships(user_id=member.pk))
    group.refresh_from_db()
    assert group.member_count == 0
    assert group.owner_id is None
    assert group.archived_at is not None

"""What becomes of conversations when somebody goes for good."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.enums import Role
from conversations.models import Conversation, ConversationInvite, ConversationMember
from conversations.services import create_conversation, end_memberships, open_dm
from tests.accounts.clients import Api
from tests.conversations.cast import join, lines


@pytest.mark.parametrize(
    ("roles", "heir"),
    [
        (["MEMBER", "MODERATOR", "ADMIN", "ADMIN"], 2),
        (["MEMBER", "MODERATOR", "MODERATOR"], 1),
        (["MEMBER", "MEMBER"], 0),
    ],
)
def test_the_longest_standing_of_the_highest_role_inherits(owner, roles, heir):
    group = Conversation(pk=create_conversation(creator=owner, type="GROUP", title="Hikers")[0])
    start = timezone.now() - timedelta(days=30)
    people = [
        join(group, role=role, joined_at=start + timedelta(days=number), permissions={"send_messages": False})
        for number, role in enumerate(roles)
    ]
    end_memberships(user_id=owner.pk)
    group.refresh_from_db()
    row = ConversationMember.objects.get(pk=(group.pk, people[heir].pk))
    assert group.owner_id == people[heir].pk
    assert (row.role, row.permissions) == (Role.OWNER, {})
    assert ConversationMember.objects.filter(conversation=group, role=Role.OWNER).count() == 1
    assert group.archived_at is None
    assert lines(group)[-1] == "member.left"


def test_a_closed_account_inherits_nothing(group, owner, member):
    member.is_active = False
    member.save()
    end_memberships(user_id=owner.pk)
    group.refresh_from_db()
    assert (group.owner_id, group.archived_at is None) == (None, False)


def test_all_memberships_end_with_their_invites_and_again_changes_nothing(group, owner, member, outsider):
    dm, _ = open_dm(creator=member, user_id=outsider.pk)
    ConversationMember.objects.filter(pk=(group.pk, member.pk)).update(permissions={"manage_invites": True})
    ConversationInvite.objects.create(code="a" * 22, conversation=group, created_by=member)
    end_memberships(user_id=member.pk)
    group.refresh_from_db()
    before = (group.version, group.members_version, group.member_count)
    assert before[2] == 1
    assert not ConversationMember.objects.filter(user=member, is_active=True).exists()
    assert ConversationInvite.objects.get().revoked_at is not None
    assert Api.of(outsider).get(f"conversations/{dm}").status_code == 200
    end_memberships(user_id=member.pk)
    group.refresh_from_db()
    assert (group.version, group.members_version, group.member_count) == before

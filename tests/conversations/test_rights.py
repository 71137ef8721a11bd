"""Who may do what to whom, and what a membership begins with."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import BlockedUser, ContactRequest
from conversations.enums import Role
from conversations.models import Conversation, ConversationMember
from conversations.services import add_members, create_conversation, remove_member
from tests.accounts.clients import Api
from tests.conversations.cast import ROLES, join
from tests.factories import UserFactory

REMOVES = {
    "OWNER": {"ADMIN", "MODERATOR", "MEMBER"},
    "ADMIN": {"MODERATOR", "MEMBER"},
    "MODERATOR": {"MEMBER"},
    "MEMBER": set(),
}


@pytest.fixture
def people(group, owner):
    """One person of each role."""
    return {"OWNER": owner, **{role: join(group, role=role) for role in ROLES[1:]}}


@pytest.mark.parametrize("actor", ROLES)
@pytest.mark.parametrize("target", ROLES)
def test_nobody_removes_an_equal_or_higher_role(group, people, actor, target):
    victim = people[target] if actor != target else join(group, role=target) if target != "OWNER" else people[target]
    answer = Api.of(people[actor]).delete(f"conversations/{group.pk}/members/{victim.pk}")
    assert answer.status_code == (204 if target in REMOVES[actor] else 403)
    assert ConversationMember.objects.get(pk=(group.pk, victim.pk)).is_active is (target not in REMOVES[actor])


@pytest.mark.parametrize(
    ("settings", "permissions", "may"),
    [
        ({}, {}, False),
        ({"default_permissions": {"add_members": True}}, {}, True),
        ({"default_permissions": {"add_members": True}}, {"add_members": False}, False),
        ({"default_permissions": {"add_members": False}}, {"add_members": True}, True),
    ],
)
def test_defaults_and_then_a_members_own_permissions_say_what_a_member_may(
    group, member, outsider, settings, permissions, may
):
    Conversation.objects.filter(pk=group.pk).update(settings=settings)
    ConversationMember.objects.filter(pk=(group.pk, member.pk)).update(permissions=permissions)
    api = Api.of(member)
    assert api.get(f"conversations/{group.pk}").json()["my_permissions"]["add_members"] is may
    answer = api.post(f"conversations/{group.pk}/members", {"user_ids": [outsider.pk]})
    assert answer.status_code == (200 if may else 403)


def test_defaults_take_the_word_from_members_and_from_nobody_above(group, people):
    Conversation.objects.filter(pk=group.pk).update(settings={"default_permissions": {"send_messages": False}})
    statuses = {
        role: Api.of(person).post(f"conversations/{group.pk}/messages", {"content": "hi"}).status_code
        for role, person in people.items()
    }
    assert statuses == {"OWNER": 201, "ADMIN": 201, "MODERATOR": 201, "MEMBER": 403}


@pytest.mark.parametrize("permissions", [{}, {"send_messages": True}])
def test_in_a_channel_only_a_persons_own_permissions_give_the_word(owner, permissions):
    conversation_id, _ = create_conversation(
        creator=owner, type="CHANNEL", title="News", settings={"default_permissions": {"send_messages": True}}
    )
    people = {
        role: join(Conversation(pk=conversation_id), role=role, permissions=permissions if role == "MEMBER" else {})
        for role in ROLES[1:]
    }
    statuses = {
        role: Api.of(person).post(f"conversations/{conversation_id}/messages", {"content": "hi"}).status_code
        for role, person in people.items()
    }
    assert statuses == {"ADMIN": 201, "MODERATOR": 403, "MEMBER": 201 if permissions else 403}


def test_what_is_archived_for_all_takes_no_messages_and_no_people(group, owner, outsider):
    Conversation.objects.filter(pk=group.pk).update(archived_at=timezone.now())
    api = Api.of(owner)
    for path, body in (("messages", {"content": "hi"}), ("members", {"user_ids": [outsider.pk]})):
        answer = api.post(f"conversations/{group.pk}/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "conversation_archived")
    assert api.get(f"conversations/{group.pk}/messages").status_code == 200
    assert [row["id"] for row in api.get("conversations").json()["results"]] == [group.pk]


@pytest.mark.parametrize("owner_blocks", [True, False])
def test_whom_a_block_parts_from_the_owner_nobody_adds(group, owner, outsider, owner_blocks):
    admin = join(group, role=Role.ADMIN)
    blocker, blocked = (owner, outsider) if owner_blocks else (outsider, owner)
    BlockedUser.objects.create(blocker=blocker, blocked=blocked)
    friend = UserFactory()
    body = Api.of(admin).post(f"conversations/{group.pk}/members", {"user_ids": [outsider.pk, friend.pk]}).json()
    assert body["not_added"] == [outsider.pk]
    assert [added["user"]["id"] for added in body["added"]] == [friend.pk]


def test_nobody_is_added_who_is_banned(group, owner, member):
    ConversationMember.objects.filter(pk=(group.pk, member.pk)).update(
        is_active=False, left_at=timezone.now(), left_reason="BANNED", is_banned=True
    )
    ContactRequest.objects.create(from_user=owner, to_user=member, status="ACCEPTED")
    body = Api.of(owner).post(f"conversations/{group.pk}/members", {"user_ids": [member.pk]}).json()
    assert (body["added"], body["not_added"]) == ([], [member.pk])


def test_a_group_grows_to_its_limit_and_no_further(group, owner, settings):
    settings.GROUP_MAX_MEMBERS = 4
    people = [UserFactory() for _ in range(3)]
    body = (
        Api.of(owner).post(f"conversations/{group.pk}/members", {"user_ids": [person.pk for person in people]}).json()
    )
    assert body["not_added"] == [people[2].pk]
    group.refresh_from_db()
    assert group.member_count == 4


def test_who_is_banned_is_listed_for_those_who_manage_members(group, people):
    banned = join(group, is_active=False, left_at=timezone.now(), left_reason="BANNED", is_banned=True)
    path = f"conversations/{group.pk}/members?banned=true"
    for role in ("OWNER", "ADMIN", "MODERATOR"):
        [row] = Api.of(people[role]).get(path).json()["results"]
        assert (row["user"]["id"], row["is_banned"]) == (banned.pk, True)
    assert Api.of(people["MEMBER"]).get(path).status_code == 403
    listed = Api.of(people["MEMBER"]).get(f"conversations/{group.pk}/members").json()["results"]
    assert banned.pk not in [row["user"]["id"] for row in listed]


@pytest.mark.parametrize("who_hides", ["owner", "member", None])
def test_how_far_others_have_read_is_hidden_both_ways(group, owner, member, who_hides, request):
    if who_hides:
        hider = request.getfixturevalue(who_hides)
        hider.privacy_settings = {**hider.privacy_settings, "read_receipts": False}
        hider.save()
    rows = Api.of(owner).get(f"conversations/{group.pk}/members").json()["results"]
    seen = {row["user"]["id"]: row["last_read_seq"] for row in rows}
    assert seen[owner.pk] is not None
    assert (seen[member.pk] is None) is (who_hides is not None)


def test_a_membership_begins_anew_when_somebody_comes_back(group, owner, member):
    Conversation.objects.filter(pk=group.pk).update(settings={"history_for_new_members": False})
    long_ago = timezone.now() - timedelta(days=9)
    ConversationMember.objects.filter(pk=(group.pk, member.pk)).update(
        joined_at=long_ago, unread_mention_count=3, role=Role.MODERATOR, permissions={"add_members": True}
    )
    remove_member(actor=owner, conversation_id=group.pk, user_id=member.pk)
    sent = Api.of(owner).post(f"conversations/{group.pk}/messages", {"content": "without you"}).json()
    add_members(actor=owner, conversation_id=group.pk, user_ids=[member.pk])
    row = ConversationMember.objects.get(pk=(group.pk, member.pk))
    assert row.joined_at > long_ago + timedelta(days=8)
    assert (row.role, row.permissions, row.unread_mention_count) == (Role.MEMBER, {}, 0)
    assert (row.visible_from_seq, row.last_read_seq) == (sent["seq"] + 1, sent["seq"])
    seen = Api.of(member).get(f"conversations/{group.pk}/messages").json()["results"]
    assert [message["seq"] for message in seen] == [sent["seq"] + 1]

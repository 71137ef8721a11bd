"""Who comes and goes, over REST."""

import pytest

from accounts.models import BlockedUser, ContactRequest
from accounts.services.privacy import update_privacy
from conversations.models import Conversation, ConversationMember
from conversations.selectors.members import list_members
from conversations.services import add_members, change_member, create_conversation
from tests.accounts.clients import Api
from tests.conversations.cast import lines
from tests.factories import UserFactory

CALLS = [("GET", ""), ("GET", "/members"), ("POST", "/members"), ("POST", "/leave"), ("GET", "/messages")]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_to_outsiders_there_is_no_such_conversation_whatever_they_send(group, outsider, method, path):
    answer = Api.of(outsider).call(method, f"conversations/{group.pk}{path}", "{not json" if method == "POST" else None)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_the_owner_adds_people_who_see_the_history(group, owner, outsider):
    answer = Api.of(owner).post(f"conversations/{group.pk}/members", {"user_ids": [outsider.pk]})
    assert answer.status_code == 200
    assert [member["user"]["id"] for member in answer.json()["added"]] == [outsider.pk]
    assert answer.json()["not_added"] == []
    history = Api.of(outsider).get(f"conversations/{group.pk}/messages").json()["results"]
    assert [row["seq"] for row in history] == [3, 2, 1]
    assert lines(group) == ["conversation.created", "member.joined", "member.joined"]
    group.refresh_from_db()
    assert group.member_count == 3


def test_history_may_begin_with_the_newcomer(owner, member, outsider):
    conversation_id, _ = create_conversation(
        creator=owner,
        type="GROUP",
        title="Later",
        member_ids=[member.pk],
        settings={"history_for_new_members": False},
    )
    secret = Api.of(owner).post(f"conversations/{conversation_id}/messages", {"content": "before"}).json()
    add_members(actor=owner, conversation_id=conversation_id, user_ids=[outsider.pk])
    newcomer = Api.of(outsider)
    reply = Api.of(member).post(
        f"conversations/{conversation_id}/messages", {"content": "as I said", "reply_to_id": secret["id"]}
    )
    assert reply.json()["reply_to"]["content"] == "before"
    results = newcomer.get(f"conversations/{conversation_id}/messages").json()["results"]
    assert "before" not in [row["content"] for row in results]
    assert results[0]["reply_to"] is None
    assert newcomer.get(f"conversations/{conversation_id}/messages/{secret['id']}").status_code == 404
    assert newcomer.get(f"conversations/{conversation_id}/messages?before={secret['id']}").status_code == 404
    quoting = newcomer.post(
        f"conversations/{conversation_id}/messages", {"content": "what?", "reply_to_id": secret["id"]}
    )
    assert quoting.json()["code"] == "reply_target_invalid"
    synced = newcomer.post("sync", {"versions": {}}).json()["conversations"]
    assert "before" not in [row["content"] for row in synced[0]["messages"]]


def test_a_plain_member_of_a_group_adds_nobody(group, member, outsider):
    answer = Api.of(member).post(f"conversations/{group.pk}/members", {"user_ids": [outsider.pk]})
    assert answer.status_code == 403


def test_whom_a_block_or_privacy_keeps_out_is_not_added(group, owner):
    blocked, private, fine = UserFactory(), UserFactory(), UserFactory()
    BlockedUser.objects.create(blocker=blocked, blocked=owner)
    private.privacy_settings["group_invites"] = "contacts"
    private.save()
    wanted = [blocked.pk, private.pk, "c" + "0" * 24, fine.pk]
    body = Api.of(owner).post(f"conversations/{group.pk}/members", {"user_ids": wanted}).json()
    assert [member["user"]["id"] for member in body["added"]] == [fine.pk]
    assert body["not_added"] == wanted[:3]


def test_who_left_comes_back_only_through_a_contact(group, owner, member):
    assert Api.of(member).post(f"conversations/{group.pk}/leave").status_code == 204
    assert Api.of(member).get(f"conversations/{group.pk}").status_code == 404
    body = Api.of(owner).post(f"conversations/{group.pk}/members", {"user_ids": [member.pk]}).json()
    assert body["not_added"] == [member.pk]
    ContactRequest.objects.create(from_user=owner, to_user=member, status="ACCEPTED")
    body = Api.of(owner).post(f"conversations/{group.pk}/members", {"user_ids": [member.pk]}).json()
    assert [added["user"]["id"] for added in body["added"]] == [member.pk]
    assert lines(group)[-2:] == ["member.left", "member.joined"]


def test_the_owner_leaves_last(group, owner, member):
    answer = Api.of(owner).post(f"conversations/{group.pk}/leave")
    assert (answer.status_code, answer.json()["code"]) == (409, "owner_must_transfer")
    Api.of(member).post(f"conversations/{group.pk}/leave")
    assert Api.of(owner).post(f"conversations/{group.pk}/leave").status_code == 204
    group.refresh_from_db()
    assert group.archived_at is not None
    assert group.member_count == 0


def test_a_removed_person_is_out_and_a_member_removes_nobody(group, owner, member):
    assert Api.of(member).delete(f"conversations/{group.pk}/members/{owner.pk}").status_code == 403
    assert Api.of(owner).delete(f"conversations/{group.pk}/members/{member.pk}").status_code == 204
    assert Api.of(owner).delete(f"conversations/{group.pk}/members/{member.pk}").status_code == 404
    assert Api.of(member).get(f"conversations/{group.pk}/messages").status_code == 404
    row = ConversationMember.objects.get(conversation=group, user=member)
    assert (row.is_active, row.left_reason) == (False, "REMOVED")


def test_a_dm_has_no_members_to_manage(owner, member, outsider):
    dm = Api.of(owner).post("conversations", {"type": "DM", "user_id": member.pk}).json()["id"]
    assert Api.of(owner).post(f"conversations/{dm}/members", {"user_ids": [outsider.pk]}).status_code == 403
    assert Api.of(owner).delete(f"conversations/{dm}/members/{member.pk}").status_code == 403
    assert Api.of(owner).post(f"conversations/{dm}/leave").status_code == 403
    listed = Api.of(owner).get(f"conversations/{dm}/members").json()["results"]
    assert {row["user"]["id"] for row in listed} == {owner.pk, member.pk}


def test_a_channel_hides_its_readers_from_each_other(owner, member, outsider):
    conversation_id, _ = create_conversation(
        creator=owner, type="CHANNEL", title="News", member_ids=[member.pk, outsider.pk]
    )
    seen = Api.of(member).get(f"conversations/{conversation_id}/members").json()["results"]
    assert [row["user"]["id"] for row in seen] == [owner.pk, member.pk]
    everybody = Api.of(owner).get(f"conversations/{conversation_id}/members").json()["results"]
    assert len(everybody) == 3
    assert lines(Conversation.objects.get(pk=conversation_id)) == ["conversation.created"]


def test_a_reader_who_adds_people_to_a_channel_learns_of_no_other_reader_by_it(owner, member, outsider):
    conversation_id, _ = create_conversation(
        creator=owner,
        type="CHANNEL",
        title="News",
        member_ids=[member.pk, outsider.pk],
        settings={"default_permissions": {"add_members": True}},
    )
    shy, path = UserFactory(), f"conversations/{conversation_id}/members"
    update_privacy(user=shy, changes={"group_invites": "nobody"})
    asked = {"user_ids": [outsider.pk, shy.pk]}
    assert Api.of(member).post(path, asked).json() == {"added": [], "not_added": asked["user_ids"]}
    assert Api.of(owner).post(path, asked).json() == {"added": [], "not_added": [shy.pk]}
    # Nor by whom somebody came who is seen.
    guest = UserFactory()
    add_members(actor=outsider, conversation_id=conversation_id, user_ids=[guest.pk])
    change_member(actor=owner, conversation_id=conversation_id, user_id=guest.pk, changes={"role": "ADMIN"})
    inviters = {
        who: {row["user"]["id"]: row["invited_by"] for row in Api.of(who).get(path).json()["results"]}[guest.pk]
        for who in (owner, member, outsider, guest)
    }
    assert inviters == {owner: outsider.pk, member: None, outsider: outsider.pk, guest: outsider.pk}


def test_members_page_by_role_and_time_without_gaps_or_repeats(group, owner):
    people = [UserFactory() for _ in range(7)]
    add_members(actor=owner, conversation_id=group.pk, user_ids=[person.pk for person in people])
    api, found, cursor = Api.of(owner), [], ""
    while cursor is not None:
        page = api.get(f"conversations/{group.pk}/members?limit=3{cursor and f'&cursor={cursor}'}").json()
        found += [row["user"]["id"] for row in page["results"]]
        cursor = page["next"]
    assert found[0] == owner.pk
    assert len(found) == len(set(found)) == 9


@pytest.mark.parametrize(
    "body", [{}, {"user_ids": []}, {"user_ids": "x"}, {"user_ids": [1]}, {"user_ids": ["x"] * 201}]
)
def test_a_bad_list_of_people_is_refused(group, owner, body):
    if body == {"user_ids": ["x"] * 201}:
        body = {"user_ids": [f"c{number:024}" for number in range(201)]}
    answer = Api.of(owner).post(f"conversations/{group.pk}/members", body)
    assert answer.status_code == 400
    assert next(iter(answer.json()["errors"])).startswith("user_ids")


def test_members_are_listed_in_as_many_queries_however_many_they_are(group, owner, django_assert_num_queries):
    people = [UserFactory() for _ in range(8)]
    add_members(actor=owner, conversation_id=group.pk, user_ids=[person.pk for person in people])
    for limit in (2, 10):
        with django_assert_num_queries(3):
            assert len(list_members(viewer=owner, conversation_id=group.pk, limit=limit).results) == limit

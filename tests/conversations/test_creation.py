"""New conversations, over REST."""

import pytest

from accounts.models import BlockedUser, ContactRequest, User
from conversations.models import Conversation, ConversationMember
from tests.accounts.clients import Api
from tests.factories import UserFactory


def create(user, **body):
    return Api.of(user).post("conversations", body)


def with_privacy(user, **settings):
    user.privacy_settings = {**user.privacy_settings, **settings}
    user.save()
    return user


def test_a_dm_is_opened_once_whoever_opens_it(owner, member):
    first = create(owner, type="DM", user_id=member.pk)
    again = create(member, type="DM", user_id=owner.pk)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["peer"]["id"] == member.pk
    assert again.json()["peer"]["id"] == owner.pk
    assert first.json()["member_count"] == 2
    assert first.json()["my_role"] == "MEMBER"


def test_a_dm_with_oneself_holds_saved_messages(owner):
    body = create(owner, type="DM", user_id=owner.pk).json()
    assert body["member_count"] == 1
    assert body["peer"]["id"] == owner.pk
    sent = Api.of(owner).post(f"conversations/{body['id']}/messages", {"content": "remember the milk"})
    assert sent.status_code == 201


@pytest.mark.parametrize("blocker_is_creator", [True, False])
def test_a_block_forbids_a_dm_both_ways_with_the_answer_of_privacy(owner, member, blocker_is_creator):
    blocker, blocked = (owner, member) if blocker_is_creator else (member, owner)
    BlockedUser.objects.create(blocker=blocker, blocked=blocked)
    answer = create(owner, type="DM", user_id=member.pk)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    BlockedUser.objects.all().delete()
    with_privacy(member, direct_messages="nobody")
    assert create(owner, type="DM", user_id=member.pk).json() == answer.json()


def test_contacts_pass_where_only_contacts_may_write(owner, member):
    with_privacy(member, direct_messages="contacts")
    assert create(owner, type="DM", user_id=member.pk).status_code == 403
    ContactRequest.objects.create(from_user=member, to_user=owner, status="ACCEPTED")
    assert create(owner, type="DM", user_id=member.pk).status_code == 201


def test_a_block_ends_a_standing_dm_for_both(owner, member):
    dm = create(owner, type="DM", user_id=member.pk).json()["id"]
    assert Api.of(owner).post(f"conversations/{dm}/messages", {"content": "hi"}).status_code == 201
    BlockedUser.objects.create(blocker=member, blocked=owner)
    for person in (owner, member):
        answer = Api.of(person).post(f"conversations/{dm}/messages", {"content": "hi"})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_a_stranger_sends_three_messages_until_the_other_answers(owner, member):
    dm = create(owner, type="DM", user_id=member.pk).json()["id"]
    statuses = [Api.of(owner).post(f"conversations/{dm}/messages", {"content": "hello?"}).status_code for _ in range(4)]
    assert statuses == [201, 201, 201, 403]
    assert Api.of(member).post(f"conversations/{dm}/messages", {"content": "hello!"}).status_code == 201
    assert Api.of(owner).post(f"conversations/{dm}/messages", {"content": "!"}).status_code == 201


def test_contacts_are_no_strangers(owner, member):
    ContactRequest.objects.create(from_user=member, to_user=owner, status="ACCEPTED")
    dm = create(owner, type="DM", user_id=member.pk).json()["id"]
    for _ in range(5):
        assert Api.of(owner).post(f"conversations/{dm}/messages", {"content": "hello"}).status_code == 201


def test_twenty_new_dms_with_strangers_a_day(owner):
    people = [UserFactory() for _ in range(21)]
    statuses = [create(owner, type="DM", user_id=person.pk).status_code for person in people]
    assert statuses == [201] * 20 + [429]
    assert create(owner, type="DM", user_id=people[0].pk).status_code == 200


def test_who_creates_a_group_owns_it_and_those_whose_privacy_forbids_it_are_not_added(owner, member, outsider):
    with_privacy(outsider, group_invites="nobody")
    answer = create(
        owner, type="GROUP", title="  Hikers ", description="On Saturdays", member_ids=[member.pk, outsider.pk]
    )
    body = answer.json()
    assert answer.status_code == 201
    assert (body["title"], body["owner_id"], body["my_role"]) == ("Hikers", owner.pk, "OWNER")
    assert body["not_added"] == [outsider.pk]
    assert body["member_count"] == 2
    assert all(body["my_permissions"].values())
    assert body["settings"]["history_for_new_members"] is True
    seen = Api.of(member).get(f"conversations/{body['id']}").json()
    assert seen["my_role"] == "MEMBER"
    assert seen["my_permissions"]["send_messages"] is True
    assert seen["my_permissions"]["manage_members"] is False


def test_in_a_channel_members_read(owner, member):
    body = create(owner, type="CHANNEL", title="News", handle="Town_News", member_ids=[member.pk]).json()
    assert body["handle"] == "town_news"
    refused = Api.of(member).post(f"conversations/{body['id']}/messages", {"content": "me too"})
    assert refused.status_code == 403
    assert Api.of(owner).post(f"conversations/{body['id']}/messages", {"content": "news"}).status_code == 201


BAD_BODIES = {
    "no type": ({}, "type"),
    "an unknown type": ({"type": "PARTY"}, "type"),
    "a DM without a person": ({"type": "DM"}, "user_id"),
    "a DM with a title": ({"type": "DM", "user_id": "x", "title": "t"}, "title"),
    "a group without a title": ({"type": "GROUP"}, "title"),
    "an empty title": ({"type": "GROUP", "title": " \u202e "}, "title"),
    "a long title": ({"type": "GROUP", "title": "x" * 129}, "title"),
    "a number as title": ({"type": "GROUP", "title": 5}, "title"),
    "a long description": ({"type": "GROUP", "title": "x", "description": "x" * 1025}, "description"),
    "an unknown field": ({"type": "GROUP", "title": "x", "titel": "x"}, "titel"),
    "a bad handle": ({"type": "GROUP", "title": "x", "handle": "1st"}, "handle"),
    "a short handle": ({"type": "GROUP", "title": "x", "handle": "abcd"}, "handle"),
    "a reserved handle": ({"type": "GROUP", "title": "x", "handle": "support"}, "handle"),
    "an unknown setting": ({"type": "GROUP", "title": "x", "settings": {"slow": 1}}, "settings.slow"),
    "a negative pause": (
        {"type": "GROUP", "title": "x", "settings": {"slow_mode_seconds": -1}},
        "settings.slow_mode_seconds",
    ),
    "true as seconds": (
        {"type": "GROUP", "title": "x", "settings": {"slow_mode_seconds": True}},
        "settings.slow_mode_seconds",
    ),
    "an unknown permission": (
        {"type": "GROUP", "title": "x", "settings": {"default_permissions": {"fly": True}}},
        "settings.default_permissions",
    ),
    "people as text": ({"type": "GROUP", "title": "x", "member_ids": "abc"}, "member_ids"),
    "a group with user_id": ({"type": "GROUP", "title": "x", "user_id": "c"}, "user_id"),
}


@pytest.mark.parametrize(("body", "field"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_what_is_wrong_is_named(owner, body, field):
    answer = create(owner, **body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == [field]
    assert not Conversation.objects.exists()


def test_a_taken_handle_is_named_and_nothing_is_left_behind(owner, member):
    assert create(owner, type="GROUP", title="a", handle="hikers").status_code == 201
    answer = create(member, type="GROUP", title="b", handle="Hikers")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["handle"]
    assert ConversationMember.objects.filter(user=member).count() == 0


def test_an_unknown_person_is_404(owner):
    assert create(owner, type="DM", user_id="c" + "0" * 24).status_code == 404
    assert User.objects.count() == 1

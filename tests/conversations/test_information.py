"""What a conversation says of itself, its rest, and its end, over REST."""

import pytest

from accounts.enums import NameKind
from accounts.models import ReservedName
from conversations.models import Conversation, ConversationMember
from messaging.models import Message
from tests.accounts.clients import Api
from tests.conversations.cast import join, lines


@pytest.fixture
def api(owner):
    """The owner's API."""
    return Api.of(owner)


def test_all_fields_change_at_once_and_settings_merge(group, api):
    path = f"conversations/{group.pk}"
    api.patch(path, {"settings": {"slow_mode_seconds": 5}})
    body = {
        "title": " Walkers\u202e ",
        "description": "By the sea\r\nand back",
        "handle": "@The_Walkers",
        "settings": {"join_approval": True},
    }
    answer = api.patch(path, body)
    seen = answer.json()
    assert answer.status_code == 200
    assert (seen["title"], seen["description"], seen["handle"]) == ("Walkers", "By the sea\nand back", "the_walkers")
    assert (seen["settings"]["slow_mode_seconds"], seen["settings"]["join_approval"]) == (5, True)
    assert seen["updated_at"] > seen["created_at"]


def test_a_new_title_is_told_in_the_timeline_and_the_rest_is_not(group, api):
    path = f"conversations/{group.pk}"
    version = api.get(path).json()["version"]
    assert api.patch(path, {"description": "x"}).json()["version"] == version + 1
    assert lines(group)[-1] == "member.joined"
    seen = api.patch(path, {"title": "Walkers"}).json()
    # One version for the conversation, one for the message that tells of it.
    assert seen["version"] == version + 3
    assert seen["last_message"]["metadata"]["system"]["event"] == "conversation.title_changed"
    assert seen["last_message"]["metadata"]["system"]["title"] == "Walkers"


def test_what_changes_nothing_draws_no_version(group, api):
    path = f"conversations/{group.pk}"
    before = api.get(path).json()
    for body in ({}, {"title": "Hikers"}, {"settings": {}}, {"handle": None}):
        assert api.patch(path, body).json() == before


BAD = {
    "an empty title": ({"title": " "}, "title"),
    "no title": ({"title": None}, "title"),
    "a long title": ({"title": "x" * 129}, "title"),
    "a number": ({"title": 5}, "title"),
    "a long description": ({"description": "x" * 1025}, "description"),
    "a short handle": ({"handle": "abcd"}, "handle"),
    "a reserved handle": ({"handle": "support"}, "handle"),
    "a list of settings": ({"settings": []}, "settings"),
    "an unknown setting": ({"settings": {"slow": 1}}, "settings.slow"),
    "an unknown permission": ({"settings": {"default_permissions": {"fly": True}}}, "settings.default_permissions"),
    "another's field": ({"owner_id": "x"}, "owner_id"),
}


@pytest.mark.parametrize(("body", "field"), BAD.values(), ids=BAD.keys())
def test_what_is_wrong_is_named_and_changes_nothing(group, api, body, field):
    answer = api.patch(f"conversations/{group.pk}", {"description": "new", **body})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    group.refresh_from_db()
    assert group.description == ""


def test_all_that_is_wrong_is_named_at_once(group, api):
    answer = api.patch(f"conversations/{group.pk}", {"title": "", "handle": "x", "settings": {"slow": 1}})
    assert answer.json()["errors"].keys() == {"title", "handle", "settings.slow"}


def test_a_taken_handle_is_refused_and_one_given_up_is_closed_to_others_alone(group, api, owner):
    other = api.post("conversations", {"type": "GROUP", "title": "Other", "handle": "walkers"}).json()["id"]
    taken = api.patch(f"conversations/{group.pk}", {"handle": "Walkers"})
    assert (taken.status_code, list(taken.json()["errors"])) == (400, ["handle"])
    assert api.patch(f"conversations/{other}", {"handle": None}).json()["handle"] is None
    assert ReservedName.objects.get(kind=NameKind.HANDLE, name="walkers").holder_id == other
    closed = api.patch(f"conversations/{group.pk}", {"handle": "walkers"})
    assert (closed.status_code, list(closed.json()["errors"])) == (400, ["handle"])
    assert api.patch(f"conversations/{other}", {"handle": "walkers"}).json()["handle"] == "walkers"


def test_rights_given_by_settings_raise_members_version_and_a_title_does_not(group, api):
    versions = []
    for body in ({"title": "A"}, {"settings": {"default_permissions": {"pin_messages": True}}}):
        api.patch(f"conversations/{group.pk}", body)
        group.refresh_from_db()
        versions.append(group.members_version)
    assert versions[1] == versions[0] + 1


def test_archived_for_all_nothing_moves_but_people_may_go(group, api, owner, member):
    target = join(group)
    path = f"conversations/{group.pk}"
    archived = api.post(f"{path}/archive").json()
    assert archived["archived_at"] is not None
    assert api.post(f"{path}/archive").json() == archived
    refused = {
        "messages": {"content": "hi"},
        "members": {"user_ids": [target.pk]},
        "invites": {},
    }
    for call, body in refused.items():
        answer = api.post(f"{path}/{call}", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "conversation_archived"), call
    assert api.patch(path, {"title": "x"}).json()["code"] == "conversation_archived"
    assert api.patch(f"{path}/me", {"is_pinned": True}).status_code == 200
    assert api.delete(f"{path}/members/{target.pk}").status_code == 204
    assert Api.of(member).post(f"{path}/leave").status_code == 204
    woken = api.post(f"{path}/unarchive").json()
    assert woken["archived_at"] is None
    assert api.post(f"{path}/messages", {"content": "hi"}).status_code == 201


def test_a_deleted_conversation_is_gone_for_all_with_what_was_in_it(group, api, member):
    api.patch(f"conversations/{group.pk}", {"handle": "walkers"})
    api.post(f"conversations/{group.pk}/messages", {"content": "hi"})
    assert api.delete(f"conversations/{group.pk}").status_code == 204
    assert api.delete(f"conversations/{group.pk}").status_code == 404
    assert Api.of(member).get("conversations").json()["results"] == []
    assert not Conversation.objects.exists()
    assert not Message.objects.exists()
    assert not ConversationMember.objects.exists()
    again = api.post("conversations", {"type": "GROUP", "title": "Again", "handle": "walkers"})
    assert list(again.json()["errors"]) == ["handle"]


def test_the_old_owner_is_an_admin_after_a_transfer(group, api, owner, member):
    answer = api.post(f"conversations/{group.pk}/transfer", {"user_id": member.pk})
    assert answer.status_code == 200
    assert (answer.json()["my_role"], answer.json()["owner_id"]) == ("ADMIN", member.pk)
    assert Api.of(member).get(f"conversations/{group.pk}").json()["my_role"] == "OWNER"
    assert api.post(f"conversations/{group.pk}/leave").status_code == 204


@pytest.mark.parametrize(
    ("body", "status"), [({}, 400), ({"user_id": 5}, 400), ({"user_id": "nobody"}, 404), ({"user_id": "me"}, 400)]
)
def test_a_transfer_needs_another_member(group, api, owner, body, status):
    if body.get("user_id") == "me":
        body = {"user_id": owner.pk}
    assert api.post(f"conversations/{group.pk}/transfer", body).status_code == status


def test_nobody_is_made_owner_by_a_role(group, api, member):
    answer = api.patch(f"conversations/{group.pk}/members/{member.pk}", {"role": "OWNER"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["role"])

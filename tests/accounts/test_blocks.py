"""Blocks: they end all communication both ways, and who is blocked learns nothing of it."""

import pytest

from accounts.models import BlockedUser, ContactRequest
from chat_project.core.db.cuid import new_cuid
from conversations.models import Conversation
from conversations.services import add_members, open_dm
from conversations.services.pairs import block_person
from messaging.models import Message
from moderation.models import AuditLog
from tests.accounts.clients import Api
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def viewer():
    return UserFactory(username="viewer")


def test_a_block_ends_what_a_standing_dm_allows_both_ways_with_the_answer_of_privacy(anna, viewer):
    dm, _ = open_dm(creator=viewer, user_id=anna.pk)
    sent = Api.of(viewer).post(f"conversations/{dm}/messages", {"content": "hi"}).json()
    block_person(blocker=anna, user_id=viewer.pk)
    refusals = []
    for user in (anna, viewer):
        answer = Api.of(user).post(f"conversations/{dm}/messages", {"content": "hi"})
        refusals.append(answer.json())
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        assert Api.of(user).get(f"conversations/{dm}/messages").status_code == 200
    assert refusals[0] == refusals[1]
    assert Message.objects.filter(conversation_id=dm).count() == 1
    # One's own position moves; that it did is told to nobody.
    assert Api.of(anna).post(f"conversations/{dm}/read", {"message_id": sent["id"]}).status_code == 200


def test_a_block_raises_the_dms_members_version_and_so_does_its_end(anna, viewer):
    dm, _ = open_dm(creator=viewer, user_id=anna.pk)

    def version():
        return Conversation.objects.values_list("members_version", flat=True).get(pk=dm)

    before = version()
    Api.of(anna).post("blocks", {"user_id": viewer.pk})
    assert version() == before + 1
    Api.of(anna).post("blocks", {"user_id": viewer.pk})
    assert version() == before + 1
    Api.of(anna).delete(f"blocks/{viewer.pk}")
    assert version() == before + 2
    ContactRequest.objects.create(from_user=viewer, to_user=anna, status="ACCEPTED")
    Api.of(anna).delete(f"contacts/{viewer.pk}")
    assert version() == before + 3


def test_who_is_no_contact_any_more_is_a_stranger_in_the_dm(anna, viewer):
    ContactRequest.objects.create(from_user=viewer, to_user=anna, status="ACCEPTED")
    Api.of(anna).patch("users/me/privacy", {"direct_messages": "contacts"})
    dm, _ = open_dm(creator=viewer, user_id=anna.pk)
    assert Api.of(viewer).post(f"conversations/{dm}/messages", {"content": "hi"}).status_code == 201
    Api.of(anna).delete(f"contacts/{viewer.pk}")
    assert Api.of(viewer).post(f"conversations/{dm}/messages", {"content": "hi"}).status_code == 403


@pytest.mark.parametrize("anna_blocks", [True, False])
def test_a_block_keeps_people_from_adding_each_other_and_from_opening_a_dm(anna, viewer, group, owner, anna_blocks):
    one, other = (anna, viewer) if anna_blocks else (viewer, anna)
    block_person(blocker=one, user_id=other.pk)
    assert Api.of(viewer).post("conversations", {"type": "DM", "user_id": anna.pk}).status_code == 403
    add_members(actor=owner, conversation_id=group.pk, user_ids=[viewer.pk])
    group.settings = {**group.settings, "default_permissions": {"add_members": True}}
    group.save()
    answer = Api.of(viewer).post(f"conversations/{group.pk}/members", {"user_ids": [anna.pk]})
    assert answer.json()["not_added"] == [anna.pk]


def test_blocks_are_listed_lifted_and_made_once(anna, viewer):
    api = Api.of(anna)
    first = api.post("blocks", {"user_id": viewer.pk, "reason": "spam"})
    assert first.status_code == 201
    assert first.json().keys() == {"user", "reason", "created_at"}
    assert (first.json()["user"]["id"], first.json()["user"]["is_blocked"]) == (viewer.pk, True)
    again = api.post("blocks", {"user_id": viewer.pk})
    assert (again.status_code, again.json()["reason"]) == (200, "spam")
    assert api.post("blocks", {"user_id": viewer.pk, "reason": "more spam"}).json()["reason"] == "more spam"
    assert [each["user"]["id"] for each in api.get("blocks").json()["results"]] == [viewer.pk]
    assert Api.of(viewer).get("blocks").json()["results"] == []
    assert Api.of(viewer).delete(f"blocks/{anna.pk}").status_code == 404
    assert api.delete(f"blocks/{viewer.pk}").status_code == 204
    assert api.delete(f"blocks/{viewer.pk}").status_code == 404
    assert api.get("blocks").json() == {"results": [], "next": None}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "user_id"),
        ({"user_id": 5}, 400, "user_id"),
        ({"user_id": "me"}, 400, "user_id"),
        ({"user_id": "them", "reason": "x" * 281}, 400, "reason"),
        ({"user_id": "them", "why": "x"}, 400, "why"),
        ({"user_id": "nobody"}, 404, None),
        ({"user_id": "not an id"}, 404, None),
    ],
)
def test_what_is_wrong_with_a_block_is_named(anna, viewer, body, status, field):
    ids = {"me": anna.pk, "them": viewer.pk, "nobody": new_cuid()}
    if body.get("user_id") in ids:
        body = {**body, "user_id": ids[body["user_id"]]}
    answer = Api.of(anna).post("blocks", body)
    assert (answer.status_code, list(answer.json().get("errors", {}))) == (status, [field] if field else [])
    assert not BlockedUser.objects.exists()


def test_a_block_and_its_end_are_audited_by_ids_alone(anna, viewer):
    Api.of(anna).post("blocks", {"user_id": viewer.pk, "reason": "spam"})
    Api.of(anna).delete(f"blocks/{viewer.pk}")
    rows = AuditLog.objects.filter(action__startswith="person.").order_by("created_at")
    assert [(row.action, row.resource_id, row.details) for row in rows] == [
        ("person.blocked", viewer.pk, {}),
        ("person.unblocked", viewer.pk, {}),
    ]


def test_a_block_hides_how_far_the_two_have_read_and_leaves_the_others(anna, viewer, owner, member, group):
    dm, _ = open_dm(creator=viewer, user_id=anna.pk)
    add_members(actor=owner, conversation_id=group.pk, user_ids=[viewer.pk, anna.pk])
    for user in (anna, viewer):
        for each in (dm, group.pk):
            sent = Api.of(user).post(f"conversations/{each}/messages", {"content": "hi"}).json()
    states = Api.of(viewer).post("sync", {"versions": {}, "states": True}).json()["states"]
    assert states[dm]["others_read_seq"] == 1
    assert states[group.pk]["others_read_seq"] == sent["seq"] - 1
    block_person(blocker=anna, user_id=viewer.pk)
    states = Api.of(viewer).post("sync", {"versions": {}, "states": True}).json()["states"]
    assert (states[dm]["others_read_seq"], states[dm]["others_delivered_seq"]) == (0, 0)
    assert states[group.pk]["others_read_seq"] < sent["seq"] - 1
    for one, other in ((viewer, anna), (anna, viewer)):
        members = Api.of(one).get(f"conversations/{group.pk}/members").json()["results"]
        positions = {each["user"]["id"]: each["last_read_seq"] for each in members}
        assert positions[other.pk] is None
        assert all(positions[each.pk] is not None for each in (one, owner, member))

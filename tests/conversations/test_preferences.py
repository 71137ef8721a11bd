"""What a conversation is to one member alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import ConversationMember
from tests.accounts.clients import Api


def test_mine_changes_for_me_alone(group, owner, member):
    api = Api.of(member)
    body = {"muted_until": "forever", "is_pinned": True, "is_archived": True, "draft": "  Dear all,\n"}
    seen = api.patch(f"conversations/{group.pk}/me", body).json()
    assert {key: seen[key] for key in body} == body
    theirs = Api.of(owner).get(f"conversations/{group.pk}").json()
    assert (theirs["muted_until"], theirs["is_pinned"], theirs["is_archived"], theirs["draft"]) == (
        None,
        False,
        False,
        "",
    )
    assert theirs["version"] == seen["version"]
    archive = api.get("conversations?archived=true").json()["results"]
    assert [row["id"] for row in archive] == [group.pk]
    assert api.get("conversations").json()["results"] == []


def test_a_mute_lasts_till_its_time_and_null_ends_it(group, member):
    api = Api.of(member)
    until = (timezone.now() + timedelta(hours=8)).replace(microsecond=5)
    given = until.isoformat().replace("+00:00", "Z")
    assert api.patch(f"conversations/{group.pk}/me", {"muted_until": given}).json()["muted_until"] == given
    assert api.patch(f"conversations/{group.pk}/me", {"is_pinned": True}).json()["muted_until"] == given
    assert api.patch(f"conversations/{group.pk}/me", {"muted_until": None}).json()["muted_until"] is None


def test_for_ever_stands_as_the_end_of_time(group, member):
    Api.of(member).patch(f"conversations/{group.pk}/me", {"muted_until": "9999-12-31T23:59:59Z"})
    row = ConversationMember.objects.get(pk=(group.pk, member.pk))
    assert row.muted_until.isoformat() == "9999-12-31T00:00:00+00:00"


BAD = {
    "a word": ({"muted_until": "tomorrow"}, "muted_until"),
    "a number": ({"muted_until": 5}, "muted_until"),
    "no time": ({"muted_until": "9999-12-31T23:59:59-12:00"}, "muted_until"),
    "a text for a switch": ({"is_pinned": "yes"}, "is_pinned"),
    "null for a switch": ({"is_archived": None}, "is_archived"),
    "a long draft": ({"draft": "\U0001f600" * 4097}, "draft"),
    "null for a draft": ({"draft": None}, "draft"),
    "what is no field": ({"pinned": True}, "pinned"),
}


@pytest.mark.parametrize(("body", "field"), BAD.values(), ids=BAD.keys())
def test_what_is_wrong_is_named(group, member, body, field):
    answer = Api.of(member).patch(f"conversations/{group.pk}/me", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_a_draft_counts_code_points(group, member):
    answer = Api.of(member).patch(f"conversations/{group.pk}/me", {"draft": "\U0001f600" * 4096})
    assert answer.status_code == 200


def test_mute_pin_and_draft_outlast_a_departure(group, owner, member):
    api = Api.of(member)
    api.patch(f"conversations/{group.pk}/me", {"muted_until": "forever", "draft": "hm"})
    code = Api.of(owner).post(f"conversations/{group.pk}/invites", {}).json()["code"]
    api.post(f"conversations/{group.pk}/leave")
    assert api.patch(f"conversations/{group.pk}/me", {"is_pinned": True}).status_code == 404
    seen = api.post(f"invites/{code}/join").json()
    assert (seen["muted_until"], seen["draft"]) == ("forever", "hm")

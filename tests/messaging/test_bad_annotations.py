"""Bodies and frames of reactions, forwards and receipts: fields missing, null, of another type, too long, hostile."""

import pytest

from chat_project.core.db.cuid import new_cuid
from chat_project.core.errors import ApplicationError
from messaging import bodies
from tests.accounts.clients import Api
from tests.clients import opened

WRONG = {"missing": ..., "null": None, "a number": 1, "a list of lists": [[]], "an object": {}, "true": True}
HOSTILE = ("", "x" * 10_000, "\u202e", "c" * 26, "C" + "0" * 24, "'; --", "../..")


def with_wrong(good, field, value):
    return {name: kept for name, kept in {**good, field: value}.items() if kept is not ...}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("field", ["message_id", "emoji"])
def test_a_reaction_names_a_message_and_an_emoji(field, wrong):
    good = {"message_id": new_cuid(), "emoji": "👍"}
    assert bodies.reaction(good) == tuple(good.values())
    with pytest.raises(ApplicationError) as refused:
        bodies.reaction(with_wrong(good, field, WRONG[wrong]))
    assert (refused.value.status, list(refused.value.errors)) == (400, [field])


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("field", ["from_conversation_id", "message_ids"])
def test_a_forward_names_a_conversation_and_messages(group, owner, field, wrong):
    good = {"from_conversation_id": group.pk, "message_ids": [group.last_message_id]}
    answer = Api.of(owner).post(f"conversations/{group.pk}/forward", with_wrong(good, field, WRONG[wrong]))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("call", ["read", "delivered"])
def test_a_position_is_a_message(group, owner, call, wrong):
    body = with_wrong({}, "message_id", WRONG[wrong])
    answer = Api.of(owner).post(f"conversations/{group.pk}/{call}", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["message_id"])


@pytest.mark.parametrize("value", HOSTILE)
def test_what_can_be_no_id_is_not_there(group, owner, value):
    api, path = Api.of(owner), f"conversations/{group.pk}"
    assert api.post(f"{path}/delivered", {"message_id": value}).status_code == 404
    assert api.post(f"{path}/read", {"message_id": value}).status_code == 404
    for body in (
        {"from_conversation_id": value, "message_ids": [group.last_message_id]},
        {"from_conversation_id": group.pk, "message_ids": [value]},
    ):
        assert api.post(f"{path}/forward", body).status_code == 404


@pytest.mark.parametrize("emoji", ["%00", "%FF", "%E2%80%AE", "%F0%9F%91%8D%00", "x" * 2000])
def test_hostile_emoji_are_400(group, owner, emoji):
    path = f"conversations/{group.pk}/messages/{group.last_message_id}/reactions"
    api = Api.of(owner)
    for answer in (api.call("PUT", f"{path}/{emoji}"), api.delete(f"{path}/{emoji}"), api.get(f"{path}?emoji={emoji}")):
        assert answer.status_code == 400


@pytest.mark.parametrize("query", ["cursor=x", "cursor=%00", "limit=0", "limit=x"])
def test_a_bad_page_is_400(group, owner, query):
    base = f"conversations/{group.pk}/messages/{group.last_message_id}"
    for name in ("reactions", "receipts"):
        assert Api.of(owner).get(f"{base}/{name}?{query}").status_code == 400


async def test_frames_are_refused_as_bodies_are(live_chat, group, owner):
    async with opened(live_chat, owner) as socket:
        for command in ("reaction.set", "reaction.unset", "delivered"):
            for data in (
                {},
                {"conversation_id": group.pk},
                {"conversation_id": 1},
                {"conversation_id": group.pk, "x": 1},
            ):
                reply = await socket.command(command, **data)
                assert (reply["ok"], reply["error"]["status"]) == (False, 400)
            reply = await socket.command(command, conversation_id=new_cuid(), message_id=new_cuid(), emoji="👍")
            assert reply["error"]["status"] in (400, 404)

"""Pins: who may pin, what is told of it, and that two at once pin once."""

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from conversations.models import Conversation, ConversationMember
from conversations.services import create_conversation, open_dm
from conversations.services.pairs import block_person
from messaging.models import Message
from messaging.services import delete_message, pin_message
from tests.accounts.clients import Api
from tests.clients import opened
from tests.messaging.drafting import send, timeline_of
from tests.threads import at_once


def path_of(message):
    return f"conversations/{message['conversation_id']}/messages/{message['id']}/pin"


def pin(user, message):
    return pin_message(actor_id=user.pk, conversation_id=message["conversation_id"], message_id=message["id"])


def pins_told(conversation):
    return [row for row in timeline_of(conversation) if row.metadata.get("system", {}).get("event") == "message.pinned"]


def test_a_pin_is_told_in_a_system_message_and_is_listed_until_it_is_taken_away(group, owner):
    message = send(owner, group)[0]
    api = Api.of(owner)
    for _ in range(2):
        answer = api.call("PUT", path_of(message))
        assert (answer.status_code, answer.json()["is_pinned"]) == (200, True)
    [told] = pins_told(group)
    assert told.metadata["system"] == {
        "event": "message.pinned",
        "actor_id": owner.pk,
        "message_id": message["id"],
    }
    assert told.version == answer.json()["version"] + 1
    pinned = api.get(f"conversations/{group.pk}/messages?pinned=true").json()["results"]
    assert [row["id"] for row in pinned] == [message["id"]]
    for _ in range(2):
        answer = api.delete(path_of(message))
        assert (answer.status_code, answer.json()["is_pinned"]) == (200, False)
    assert len(pins_told(group)) == 1
    group.refresh_from_db()
    assert group.version == answer.json()["version"]
    assert api.get(f"conversations/{group.pk}/messages?pinned=true").json()["results"] == []


RIGHTS = {
    ("GROUP", "OWNER"): True,
    ("GROUP", "ADMIN"): True,
    ("GROUP", "MODERATOR"): True,
    ("GROUP", "MEMBER"): False,
    ("CHANNEL", "OWNER"): True,
    ("CHANNEL", "ADMIN"): True,
    ("CHANNEL", "MODERATOR"): True,
    ("CHANNEL", "MEMBER"): False,
}


@pytest.mark.parametrize(("type", "role"), RIGHTS)
@pytest.mark.parametrize("permission", [None, True, False])
def test_who_may_pin(owner, member, type, role, permission):
    conversation_id, _ = create_conversation(creator=owner, type=type, title="Room", member_ids=[member.pk])
    message = send(owner, Conversation.objects.get(pk=conversation_id))[0]
    user = owner if role == "OWNER" else member
    permissions = {} if permission is None else {"pin_messages": permission}
    place = ConversationMember.objects.filter(conversation_id=conversation_id, user=user)
    place.update(permissions=permissions, **({} if role == "OWNER" else {"role": role}))
    allowed = RIGHTS[type, role] if permission is None or role == "OWNER" else permission
    for method in ("PUT", "DELETE"):
        assert Api.of(user).call(method, path_of(message)).status_code == (200 if allowed else 403)


def test_both_pin_in_a_dm_until_a_block_parts_them(owner, member):
    dm = Conversation.objects.get(pk=open_dm(creator=owner, user_id=member.pk)[0])
    message = send(owner, dm)[0]
    assert Api.of(member).call("PUT", path_of(message)).status_code == 200
    block_person(blocker=owner, user_id=member.pk)
    for user in (owner, member):
        assert Api.of(user).delete(path_of(message)).status_code == 403


def test_a_strangers_pins_count_with_their_messages(owner, member):
    dm = Conversation.objects.get(pk=open_dm(creator=owner, user_id=member.pk)[0])
    message = send(owner, dm)[0]
    api = Api.of(owner)
    for _ in range(2):
        assert api.call("PUT", path_of(message)).status_code == 200
        assert api.delete(path_of(message)).status_code == 200
    answer = api.call("PUT", path_of(message))
    assert (answer.status_code, answer.json()["code"]) == (403, "stranger_limit")
    assert len(timeline_of(dm)) == 3
    send(member, dm, "who are you?")
    assert api.call("PUT", path_of(message)).status_code == 200


def test_a_deleted_and_a_foreign_message_are_not_pinned(group, owner, member):
    dm = Conversation.objects.get(pk=open_dm(creator=owner, user_id=member.pk)[0])
    message = send(owner, group)[0]
    assert Api.of(owner).call("PUT", path_of({**message, "conversation_id": dm.pk})).status_code == 404
    Message.objects.filter(id=message["id"]).update(is_deleted=True, deleted_at=timezone.now(), search=None)
    assert Api.of(owner).call("PUT", path_of(message)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_those_who_pin_at_once_pin_once(group, owner):
    message = send(owner, group)[0]
    results = at_once(*[lambda: pin(owner, message)] * 4)
    assert all(result["is_pinned"] for result in results)
    assert len({result["version"] for result in results}) == 1
    assert len(pins_told(group)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_message_that_is_deleted_while_it_is_pinned_is_no_pinned_tombstone(group, owner):
    message = send(owner, group)[0]
    _, deleted = at_once(
        lambda: pin(owner, message),
        lambda: delete_message(actor_id=owner.pk, conversation_id=group.pk, message_id=message["id"]),
    )
    assert deleted is None
    row = Message.objects.get(id=message["id"])
    assert (row.is_deleted, row.pinned_at) == (True, None)


async def test_members_hear_of_a_pin_and_of_the_message_that_tells_of_it(live_chat, group, owner, member):
    message, _ = await sync_to_async(send)(owner, group)
    async with opened(live_chat, member) as socket:
        pinned = await sync_to_async(pin)(owner, message)
        heard = await socket.event("message.updated")
        assert (heard["version"], heard["data"]["is_pinned"]) == (pinned["version"], True)
        told = await socket.event("message.created")
        assert told["version"] == pinned["version"] + 1
        assert told["data"]["metadata"]["system"]["message_id"] == message["id"]

"""Deletions: who may delete whose message, what is left of it, and what the log keeps."""

import pytest

from chat_project.core.errors import NotAllowedError
from conversations.errors import ConversationNotFoundError
from conversations.models import Conversation, ConversationMember
from conversations.services import create_conversation, leave_conversation, open_dm, set_archived, update_member
from conversations.services.pairs import block_person
from messaging.errors import MessageNotFoundError
from messaging.models import Message
from messaging.services import delete_message, pin_message
from moderation.models import AuditLog
from tests.accounts.clients import Api
from tests.clients import opened
from tests.conversations.cast import ROLES, join
from tests.messaging.drafting import send
from tests.threads import at_once

# Whose messages each role deletes, beside its own.
MAY_DELETE = {"OWNER": "ADMIN MODERATOR MEMBER", "ADMIN": "MODERATOR MEMBER", "MODERATOR": "MEMBER", "MEMBER": ""}


def delete(actor, conversation, message):
    delete_message(actor_id=actor.pk, conversation_id=conversation.pk, message_id=message["id"])


def deleted(conversation, message):
    return Message.objects.get(pk=(conversation.pk, message["id"])).is_deleted


def path(conversation, message):
    return f"conversations/{conversation.pk}/messages/{message['id']}"


@pytest.mark.parametrize("type", ["GROUP", "CHANNEL"])
def test_a_role_deletes_the_messages_of_those_below_it(owner, type):
    conversation = Conversation.objects.get(pk=create_conversation(creator=owner, type=type, title="All")[0])
    posting = {"send_messages": True}
    writers = {role: owner if role == "OWNER" else join(conversation, role=role, permissions=posting) for role in ROLES}
    actors = {role: owner if role == "OWNER" else join(conversation, role=role) for role in ROLES}
    done: dict[str, set[str]] = {role: set() for role in ROLES}
    for role, actor in actors.items():
        for of, writer in writers.items():
            if writer == actor:
                continue
            message, _ = send(writer, conversation)
            answer = Api.of(actor).delete(path(conversation, message))
            assert (answer.status_code == 204) == deleted(conversation, message)
            assert answer.status_code in (204, 403)
            if answer.status_code == 204:
                done[role].add(of)
    assert done == {role: set(words.split()) for role, words in MAY_DELETE.items()}


def test_everybody_deletes_their_own_and_it_is_not_audited(member, group):
    message, _ = send(member, group)
    delete(member, group, message)
    assert deleted(group, message)
    assert not AuditLog.objects.filter(action="message.deleted").exists()


def test_the_deletion_of_anothers_message_is_audited_without_its_text(owner, member, group):
    message, _ = send(member, group, "secret words")
    delete(owner, group, message)
    row = AuditLog.objects.get(action="message.deleted")
    assert (row.actor_id, row.details) == (owner.pk, {"sender_id": member.pk})
    assert row.resource_id == f"{group.pk}:{message['id']}"


def test_a_tombstone_shows_nothing_and_stands_in_its_place(owner, member, group):
    message, _ = send(member, group, "**secret** @olga", client_id="a")
    reply, _ = send(owner, group, "what?", reply_to_id=message["id"])
    delete(owner, group, message)
    shown = Api.of(member).get(path(group, message)).json()
    assert (shown["is_deleted"], shown["content"], shown["metadata"], shown["mentions"]) == (True, "", {}, [])
    assert (shown["seq"], shown["client_id"]) == (message["seq"], "a")
    assert shown["deleted_at"] is not None
    assert shown["version"] > reply["version"]
    quote = Api.of(member).get(path(group, reply)).json()["reply_to"]
    assert (quote["content"], quote["is_deleted"]) == ("", True)
    row = Message.objects.get(pk=(group.pk, message["id"]))
    assert (row.content, row.deleted_by_id, row.search) == ("**secret** @olga", owner.pk, None)


def test_a_second_deletion_is_204_and_changes_nothing(owner, member, group):
    message, _ = send(member, group)
    api = Api.of(owner)
    assert [api.delete(path(group, message)).status_code for _ in range(2)] == [204, 204]
    assert Api.of(member).delete(path(group, message)).status_code == 204
    group.refresh_from_db()
    assert group.version == message["version"] + 1
    assert Message.objects.get(pk=(group.pk, message["id"])).deleted_by_id == owner.pk
    assert AuditLog.objects.filter(action="message.deleted").count() == 1


def test_a_pin_goes_with_the_message(owner, group):
    message, _ = send(owner, group)
    pin_message(actor_id=owner.pk, conversation_id=group.pk, message_id=message["id"])
    delete(owner, group, message)
    assert Message.objects.get(pk=(group.pk, message["id"])).pinned_at is None
    answer = Api.of(owner).get(f"conversations/{group.pk}/messages?pinned=true").json()
    assert answer["results"] == []


def test_the_words_of_who_left_can_be_deleted_by_who_moderates(owner, member, group):
    moderator, other = join(group, role="MODERATOR"), join(group)
    message, _ = send(member, group)
    leave_conversation(member=member, conversation_id=group.pk)
    with pytest.raises(NotAllowedError):
        delete(other, group, message)
    delete(moderator, group, message)
    assert deleted(group, message)


def test_a_member_with_the_right_does_not_act_on_other_members(owner, member, group):
    update_member(
        actor=owner, conversation_id=group.pk, user_id=member.pk, changes={"permissions": {"delete_messages": True}}
    )
    message, _ = send(join(group), group)
    with pytest.raises(NotAllowedError):
        delete(member, group, message)


def test_what_the_system_says_of_a_member_is_not_theirs_to_take_back(owner, group):
    moderator = join(group, role="MODERATOR")
    message, _ = send(owner, group)
    pin_message(actor_id=moderator.pk, conversation_id=group.pk, message_id=message["id"])
    said = Message.objects.filter(conversation=group, type="SYSTEM").order_by("-seq").first()
    assert said.sender_id == moderator.pk
    with pytest.raises(NotAllowedError):
        delete(moderator, group, {"id": said.id})
    delete(owner, group, {"id": said.id})


def test_own_words_can_be_taken_back_from_an_archive_and_behind_a_block(owner, member, group):
    message, _ = send(member, group)
    set_archived(actor=owner, conversation_id=group.pk, archived=True)
    delete(member, group, message)
    dm = Conversation.objects.get(pk=open_dm(creator=owner, user_id=member.pk)[0])
    mine, _ = send(member, dm)
    block_person(blocker=owner, user_id=member.pk)
    delete(member, dm, mine)
    assert deleted(group, message)
    assert deleted(dm, mine)


def test_nobody_deletes_the_others_words_in_a_dm(owner, member):
    dm = Conversation.objects.get(pk=open_dm(creator=owner, user_id=member.pk)[0])
    message, _ = send(owner, dm)
    with pytest.raises(NotAllowedError):
        delete(member, dm, message)


def test_what_one_may_not_see_is_not_there(owner, member, outsider, group):
    message, _ = send(member, group)
    with pytest.raises(ConversationNotFoundError):
        delete(outsider, group, message)
    ConversationMember.objects.filter(conversation=group, user=owner).update(visible_from_seq=message["seq"] + 1)
    with pytest.raises(MessageNotFoundError):
        delete(owner, group, message)


@pytest.mark.django_db(transaction=True)
def test_deletions_at_once_are_one(owner, member, group):
    message, _ = send(member, group)
    results = at_once(*(lambda actor=actor: delete(actor, group, message) for actor in (owner, member) * 3))
    assert results == [None] * 6
    group.refresh_from_db()
    assert group.version == message["version"] + 1


async def test_over_the_socket_everybody_hears_of_a_deletion(live_chat, owner, member, group):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        sent = (await two.command("message.send", conversation_id=group.pk, content="old"))["data"]
        key = {"conversation_id": group.pk, "message_id": sent["id"]}
        assert (await two.command("message.delete", **key))["ok"]
        event = await one.event("message.deleted")
        assert (event["version"], event["data"]["content"]) == (sent["version"] + 1, "")
        assert (await two.command("message.delete", **key))["ok"]
        assert (await two.command("message.delete", **key, why="so"))["error"]["status"] == 400

"""Edits: who may, until when, what is kept, and what two at once come to."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from chat_project.core.errors import InvalidError, NotAllowedError
from conversations.enums import Role
from conversations.errors import ConversationArchivedError, ConversationNotFoundError
from conversations.models import Conversation, ConversationMember
from conversations.services import open_dm, remove_member, set_archived, update_member
from conversations.services.pairs import block_person
from messaging.errors import EditWindowPassedError, EncryptedMessageError, MessageNotFoundError
from messaging.models import Message, MessageEdit
from messaging.selectors import list_messages
from messaging.services import delete_message, edit_message, forward_messages
from tests.accounts.clients import Api
from tests.clients import opened
from tests.conversations.cast import join
from tests.messaging.drafting import send
from tests.threads import at_once


def edit(editor, conversation, message, content="new"):
    return edit_message(editor_id=editor.pk, conversation_id=conversation.pk, message_id=message["id"], content=content)


def path(conversation, message, rest=""):
    return f"conversations/{conversation.pk}/messages/{message['id']}{rest}"


def texts(viewer, conversation, message):
    answer = Api.of(viewer).get(path(conversation, message, "/edits"))
    if answer.status_code != 200:
        return answer.status_code
    return [row["content"] for row in answer.json()["results"]]


def test_an_edit_replaces_the_text_and_draws_one_version(member, group):
    sent, _ = send(member, group, "old", client_id="a")
    payload = edit(member, group, sent, "  **new** ")
    group.refresh_from_db()
    assert payload["content"] == "**new**"
    assert payload["metadata"]["entities"][0]["type"] == "bold"
    assert (payload["edit_count"], payload["version"], payload["seq"]) == (1, sent["version"] + 1, sent["seq"])
    assert payload["edited_at"] > payload["created_at"] == sent["created_at"]
    assert group.version == payload["version"]
    assert payload["client_id"] == "a"


def test_formatting_that_was_taken_out_is_gone(member, group):
    sent, _ = send(member, group, "**old**")
    assert edit(member, group, sent, "old")["metadata"] == {}


def test_the_same_text_changes_nothing(member, group):
    sent, _ = send(member, group, "as _it_ is")
    assert edit(member, group, sent, " as _it_ is\n") == sent
    group.refresh_from_db()
    assert group.version == sent["version"]
    assert not MessageEdit.objects.exists()


def test_a_search_finds_the_new_words_alone(member, group):
    sent, _ = send(member, group, "apples")
    edit(member, group, sent, "pears")
    row = Message.objects.get(pk=(group.pk, sent["id"]))
    assert "pears" in row.search
    assert "apples" not in row.search


def test_when_it_expires_is_untouched(member, group):
    Conversation.objects.filter(pk=group.pk).update(settings={"message_ttl_seconds": 3600})
    sent, _ = send(member, group, "old")
    before = Message.objects.get(pk=(group.pk, sent["id"])).expires_at
    edit(member, group, sent)
    assert Message.objects.get(pk=(group.pk, sent["id"])).expires_at == before != None  # noqa: E711


@pytest.mark.parametrize("content", ["", " \n ", "x" * 4097])
def test_the_new_text_keeps_the_rules_of_texts(member, group, content):
    sent, _ = send(member, group)
    with pytest.raises(InvalidError) as refused:
        edit(member, group, sent, content)
    assert "content" in refused.value.errors


def test_4096_code_points_are_a_text_however_many_units_they_are(member, group):
    sent, _ = send(member, group)
    assert edit(member, group, sent, "😀" * 4096)["edit_count"] == 1


def test_nobody_edits_anothers_message_not_even_the_owner(owner, member, group):
    sent, _ = send(member, group)
    with pytest.raises(NotAllowedError):
        edit(owner, group, sent)


def test_a_late_edit_is_refused(member, group, settings):
    sent, _ = send(member, group)
    edge = timezone.now() - timedelta(seconds=settings.MESSAGE_EDIT_WINDOW_SECONDS)
    Message.objects.filter(conversation=group, id=sent["id"]).update(created_at=edge + timedelta(seconds=30))
    edit(member, group, sent, "in time")
    Message.objects.filter(conversation=group, id=sent["id"]).update(created_at=edge)
    with pytest.raises(EditWindowPassedError):
        edit(member, group, sent, "too late")


def test_who_may_not_send_any_more_may_not_edit(owner, member, group):
    sent, _ = send(member, group)
    update_member(
        actor=owner, conversation_id=group.pk, user_id=member.pk, changes={"permissions": {"send_messages": False}}
    )
    with pytest.raises(NotAllowedError):
        edit(member, group, sent)


def test_nothing_is_edited_in_an_archived_conversation(owner, group):
    sent, _ = send(owner, group)
    set_archived(actor=owner, conversation_id=group.pk, archived=True)
    with pytest.raises(ConversationArchivedError):
        edit(owner, group, sent)


def test_a_block_ends_edits_both_ways(owner, member):
    dm = Conversation.objects.get(pk=open_dm(creator=owner, user_id=member.pk)[0])
    mine, theirs = send(owner, dm)[0], send(member, dm)[0]
    block_person(blocker=owner, user_id=member.pk)
    for editor, message in ((owner, mine), (member, theirs)):
        with pytest.raises(NotAllowedError):
            edit(editor, dm, message)


def test_a_tombstone_is_not_there_to_be_edited(member, group):
    sent, _ = send(member, group)
    delete_message(actor_id=member.pk, conversation_id=group.pk, message_id=sent["id"])
    with pytest.raises(MessageNotFoundError):
        edit(member, group, sent)


def test_ciphertext_is_not_replaced_in_clear(member, group):
    sent, _ = send(member, group, "c2VjcmV0", encryption={"scheme": "x"})
    with pytest.raises(EncryptedMessageError):
        edit(member, group, sent)


def test_nobody_edits_what_somebody_else_said(owner, member, group):
    sent, _ = send(owner, group, "I promise")
    [forwarded] = forward_messages(
        sender=member, conversation_id=group.pk, from_conversation_id=group.pk, message_ids=[sent["id"]]
    )
    with pytest.raises(NotAllowedError):
        edit(member, group, forwarded)


def test_what_the_system_says_is_not_edited(owner, group):
    system = Message.objects.filter(conversation=group, type="SYSTEM").first()
    with pytest.raises(NotAllowedError):
        edit(owner, group, {"id": system.id})


def test_the_texts_before_each_edit_are_for_the_sender_and_who_may_delete_them(owner, member, outsider, group):
    moderator, other = join(group, role=Role.MODERATOR), join(group)
    sent, _ = send(member, group, "one")
    edit(member, group, sent, "two")
    edit(member, group, sent, "three")
    for viewer in (member, moderator, owner):
        assert texts(viewer, group, sent) == ["one", "two"]
    for viewer in (other, outsider):
        assert texts(viewer, group, sent) == 404
    mine, _ = send(owner, group, "one")
    edit(owner, group, mine, "two")
    assert texts(moderator, group, mine) == 404


def test_the_texts_of_a_tombstone_are_gone(owner, member, group):
    sent, _ = send(member, group, "one")
    edit(member, group, sent, "two")
    delete_message(actor_id=owner.pk, conversation_id=group.pk, message_id=sent["id"])
    assert texts(member, group, sent) == []
    assert texts(owner, group, sent) == []


def test_edits_come_by_pages(member, group, django_assert_num_queries):
    sent, _ = send(member, group, "0")
    for number in range(1, 6):
        edit(member, group, sent, str(number))
    api = Api.of(member)
    first = api.get(path(group, sent, "/edits?limit=3")).json()
    rest = api.get(path(group, sent, f"/edits?limit=3&cursor={first['next']}")).json()
    assert [row["edit_no"] for row in first["results"]] == [1, 2, 3]
    assert [row["content"] for row in rest["results"]] == ["3", "4"]
    assert rest["next"] is None
    assert {row["edited_by"] for row in first["results"]} == {member.pk}


def test_over_rest_an_edit_answers_with_the_message(member, outsider, group):
    sent, _ = send(member, group)
    answer = Api.of(member).patch(path(group, sent), {"content": "new"})
    assert (answer.status_code, answer.json()["content"]) == (200, "new")
    assert Api.of(member).get(path(group, sent)).json() == answer.json()


@pytest.mark.parametrize(
    "body", [{}, {"content": None}, {"content": 1}, {"content": "a", "type": "TEXT"}, [], {"content": ""}]
)
def test_a_bad_body_is_400_and_unseen_messages_are_404_before_it_is_looked_at(member, outsider, group, body):
    sent, _ = send(member, group)
    assert Api.of(member).patch(path(group, sent), body).status_code == 400
    assert Api.of(outsider).patch(path(group, sent), body).status_code == 404
    assert Api.of(member).patch(path(group, {"id": "c" + "0" * 24}), body).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_edits_at_once_are_all_kept_one_after_the_other(member, group):
    sent, _ = send(member, group, "first")
    results = at_once(*(lambda text=text: edit(member, group, sent, text) for text in "abcdef"))
    assert sorted(payload["edit_count"] for payload in results) == [1, 2, 3, 4, 5, 6]
    assert len({payload["version"] for payload in results}) == 6
    last = max(results, key=lambda payload: payload["version"])
    row = Message.objects.get(pk=(group.pk, sent["id"]))
    assert (row.content, row.edit_count) == (last["content"], 6)
    kept = MessageEdit.objects.filter(conversation=group).order_by("edit_no").values_list("content", flat=True)
    assert [*kept, row.content] == ["first", *(p["content"] for p in sorted(results, key=lambda p: p["version"]))]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_", range(5))
def test_of_an_edit_and_a_deletion_the_deletion_stands(member, group, _):
    sent, _ = send(member, group, "first")
    edited, deleted = at_once(
        lambda: edit(member, group, sent),
        lambda: delete_message(actor_id=member.pk, conversation_id=group.pk, message_id=sent["id"]),
    )
    assert deleted is None
    assert isinstance(edited, MessageNotFoundError) or edited["content"] == "new"
    assert Message.objects.get(pk=(group.pk, sent["id"])).is_deleted
    group.refresh_from_db()
    versions = [row.version for row in list_messages(viewer=member, conversation_id=group.pk).results]
    assert len(set(versions)) == len(versions)
    assert max(versions) == group.version


@pytest.mark.django_db(transaction=True)
def test_who_is_removed_edits_nothing_afterwards(owner, member, group):
    sent, _ = send(member, group, "first")

    def go_on():
        for number in range(50):
            try:
                edit(member, group, sent, str(number))
            except ConversationNotFoundError:
                return

    at_once(go_on, lambda: remove_member(actor=owner, conversation_id=group.pk, user_id=member.pk))
    removed = Message.objects.filter(conversation=group, type="SYSTEM").order_by("-seq").first()
    assert removed.metadata["system"]["event"] == "member.removed"
    assert Message.objects.get(pk=(group.pk, sent["id"])).version < removed.version


async def test_over_the_socket_everybody_hears_of_an_edit(live_chat, owner, member, group):
    newcomer = await sync_to_async(join)(group)
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        sent = (await two.command("message.send", conversation_id=group.pk, content="old"))["data"]
        await sync_to_async(ConversationMember.objects.filter(conversation=group, user=newcomer).update)(
            visible_from_seq=sent["seq"] + 1
        )
        async with opened(live_chat, newcomer) as three:
            reply = await two.command("message.edit", conversation_id=group.pk, message_id=sent["id"], content="_new_")
            assert reply["data"]["content"] == "_new_"
            assert (await one.event("message.updated"))["data"] == reply["data"]
            told = await three.event("version")
            assert (told["version"], "data" in told) == (reply["data"]["version"], False)
            refused = await one.command("message.edit", conversation_id=group.pk, message_id=sent["id"], content="mine")
            assert (refused["error"]["status"], refused["error"]["code"]) == (403, "not_allowed")
            for bad in ({"content": "x"}, {"message_id": sent["id"]}, {"message_id": 1, "content": "x"}):
                answer = await two.command("message.edit", conversation_id=group.pk, **bad)
                assert answer["error"]["status"] == 400
            answer = await three.command("message.edit", conversation_id=group.pk, message_id=sent["id"], content="x")
            assert answer["error"]["status"] == 404

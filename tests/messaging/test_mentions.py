"""Mentions: whom a text names, who may call everybody, and the counters of what was not read."""

import json

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction

from conversations.enums import Role
from conversations.models import Conversation, ConversationMember
from conversations.services import add_members, create_conversation, leave_conversation, open_dm, remove_member
from messaging.models import Message, MessageMention
from messaging.services import delete_message, edit_message, mark_read
from tests.clients import opened
from tests.conversations.cast import join
from tests.factories import UserFactory
from tests.messaging.drafting import send
from tests.threads import at_once


def counter(user, conversation):
    row = ConversationMember.objects.get(conversation=conversation, user=user)
    return row.unread_mention_count


def edit(sender, conversation, message, content):
    return edit_message(editor_id=sender.pk, conversation_id=conversation.pk, message_id=message["id"], content=content)


def delete(actor, conversation, message):
    delete_message(actor_id=actor.pk, conversation_id=conversation.pk, message_id=message["id"])


def read(reader, conversation, message):
    mark_read(reader_id=reader.pk, conversation_id=conversation.pk, message_id=message["id"])


def truth(user, conversation):
    """Return what the counter should be, from the rows."""
    row = ConversationMember.objects.get(conversation=conversation, user=user)
    seqs = Message.objects.filter(
        conversation=conversation,
        id__in=MessageMention.objects.filter(conversation=conversation, user=user).values("message_id"),
        is_deleted=False,
        seq__gt=row.last_read_seq,
    )
    return seqs.count()


def test_a_member_who_is_named_is_counted_and_bound_by_id(owner, member, group):
    message, _ = send(owner, group, "hi @Milan and @milan")
    assert message["mentions"] == [member.pk]
    assert [entity["user_id"] for entity in message["metadata"]["entities"]] == [member.pk] * 2
    assert "username" not in message["metadata"]["entities"][0]
    assert counter(member, group) == 1
    assert counter(owner, group) == 0


def test_who_is_no_member_is_not_named(owner, member, outsider, group):
    message, _ = send(owner, group, "hi @otto and @nobody_at_all")
    assert (message["mentions"], message["metadata"]) == ([], {})
    assert not MessageMention.objects.exists()


def test_who_left_is_not_named(owner, member, group):
    leave_conversation(member=member, conversation_id=group.pk)
    message, _ = send(owner, group, "hi @milan")
    assert message["mentions"] == []


def test_naming_oneself_counts_nothing(owner, group):
    send(owner, group, "it was @olga")
    assert counter(owner, group) == 0


def test_everybody_is_called_by_who_may_pin(owner, member, group):
    third = join(group)
    message, _ = send(owner, group, "@all come down")
    assert message["mentions"] == sorted([member.pk, third.pk])
    assert [entity["type"] for entity in message["metadata"]["entities"]] == ["mention_all"]
    assert [counter(user, group) for user in (owner, member, third)] == [0, 1, 1]


def test_a_plain_member_calls_nobody_by_all(owner, member, group):
    message, _ = send(member, group, "@all come down")
    assert (message["mentions"], message["metadata"]) == ([], {})
    assert counter(owner, group) == 0


def test_where_more_are_called_than_are_listed_the_named_are(owner, member, group):
    people = [UserFactory() for _ in range(101)]
    ConversationMember.objects.bulk_create(ConversationMember(conversation=group, user=user) for user in people)
    message, _ = send(owner, group, "@all and above all @milan")
    assert message["mentions"] == [member.pk]
    assert {counter(user, group) for user in (member, *people)} == {1}


def test_a_channel_names_none_of_its_readers(owner, member, outsider):
    conversation_id, _ = create_conversation(
        creator=owner, type="CHANNEL", title="News", member_ids=[member.pk, outsider.pk]
    )
    channel = Conversation.objects.get(pk=conversation_id)
    ConversationMember.objects.filter(conversation=channel, user=outsider).update(role=Role.ADMIN)
    message, _ = send(owner, channel, "@all thank @milan and @otto")
    assert message["mentions"] == [outsider.pk]
    assert (counter(member, channel), counter(outsider, channel)) == (0, 1)


def test_in_a_dm_the_other_is_named(owner, member):
    dm = Conversation.objects.get(pk=open_dm(creator=owner, user_id=member.pk)[0])
    message, _ = send(owner, dm, "@milan")
    assert message["mentions"] == [member.pk]


def test_reading_counts_down_by_what_was_read(owner, member, group):
    first, second = send(owner, group, "@milan 1")[0], send(owner, group, "@milan 2")[0]
    assert counter(member, group) == 2
    read(member, group, first)
    assert counter(member, group) == 1
    read(member, group, second)
    assert counter(member, group) == 0


def test_a_deletion_counts_down_once_and_only_what_was_not_read(owner, member, group):
    first, second = send(owner, group, "@milan 1")[0], send(owner, group, "@milan 2")[0]
    read(member, group, first)
    delete(owner, group, first)
    assert counter(member, group) == 1
    delete(owner, group, second)
    delete(owner, group, second)
    assert counter(member, group) == 0


def test_an_edit_names_others(owner, member, group):
    third = join(group)
    message, _ = send(owner, group, "@milan look")
    payload = edit(owner, group, message, f"@{third.username} look")
    assert payload["mentions"] == [third.pk]
    assert (counter(member, group), counter(third, group)) == (0, 1)
    edit(owner, group, message, "look")
    assert (counter(member, group), counter(third, group)) == (0, 0)


def test_an_edit_of_what_was_read_counts_nothing(owner, member, group):
    message, _ = send(owner, group, "look")
    read(member, group, message)
    assert edit(owner, group, message, "@milan look")["mentions"] == [member.pk]
    assert counter(member, group) == 0


def test_an_edit_names_nobody_whose_history_begins_later(owner, member, group):
    message, _ = send(owner, group, "look")
    ConversationMember.objects.filter(conversation=group, user=member).update(visible_from_seq=message["seq"] + 1)
    payload = edit(owner, group, message, "@milan @all look")
    assert payload["mentions"] == []
    assert counter(member, group) == 0


def test_who_comes_back_begins_with_nothing_unread(owner, member, group):
    message, _ = send(owner, group, "@milan")
    leave_conversation(member=member, conversation_id=group.pk)
    add_members(actor=owner, conversation_id=group.pk, user_ids=[member.pk])
    delete(owner, group, message)
    assert counter(member, group) == 0


def test_a_retry_counts_once(owner, member, group):
    first, is_new = send(owner, group, "@milan", client_id="a")
    again, is_new_again = send(owner, group, "@milan", client_id="a")
    assert (first, is_new, is_new_again) == (again, True, False)
    assert counter(member, group) == 1


@pytest.mark.parametrize("count", [1, 20])
def test_names_cost_the_same_however_many_they_are(owner, member, group, count, django_assert_num_queries):
    names = " ".join(f"@{join(group).username}" for _ in range(count))
    # A transaction of membership, names, append and mentions; to edit: two locks, names, the old text, the new one,
    # mentions, the version and its stamp, and the row as it stands; three to tell whose counters moved.
    with django_assert_num_queries(6):
        message, _ = send(owner, group, names)
    assert len(message["mentions"]) == count
    with django_assert_num_queries(16):
        edit(owner, group, message, f"{names} @milan")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_", range(5))
def test_counters_are_right_whoever_reads_edits_and_deletes_at_once(owner, member, group, _):
    messages = [send(owner, group, f"@milan {number}")[0] for number in range(6)]
    results = at_once(
        lambda: edit(owner, group, messages[1], "nothing"),
        lambda: read(member, group, messages[2]),
        lambda: delete(owner, group, messages[3]),
        lambda: edit(owner, group, messages[4], "@milan again"),
        lambda: send(owner, group, "@milan more"),
    )
    assert not [result for result in results if isinstance(result, Exception)]
    assert counter(member, group) == truth(member, group)


@pytest.mark.django_db(transaction=True)
def test_who_is_removed_at_that_moment_is_named_or_not_and_never_left_counted(owner, member, group):
    results = at_once(
        lambda: [send(owner, group, "@milan")[0] for _ in range(5)],
        lambda: remove_member(actor=owner, conversation_id=group.pk, user_id=member.pk),
    )
    assert not [result for result in results if isinstance(result, Exception)]
    removed = next(
        row.seq
        for row in Message.objects.filter(conversation=group, type="SYSTEM").order_by("-seq")
        if row.metadata["system"]["event"] == "member.removed"
    )
    assert all(bool(message["mentions"]) == (message["seq"] < removed) for message in results[0])


def test_mentions_go_with_the_transaction(owner, member, group):
    with transaction.atomic():
        send(owner, group, "@milan")
        transaction.set_rollback(True)
    assert counter(member, group) == 0


async def test_who_is_named_over_the_socket_hears_of_it_and_order_is_kept(live_chat, owner, member, group):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        contents = ["first @milan", "second", "third @milan", "fourth"]
        for number, content in enumerate(contents):
            data = {"conversation_id": group.pk, "content": content}
            await one.connection.send(json.dumps({"id": f"n{number}", "command": "message.send", "data": data}))
        replies = [await one.reply(f"n{number}") for number in range(len(contents))]
        assert [reply["data"]["seq"] for reply in replies] == sorted(reply["data"]["seq"] for reply in replies)
        assert replies[0]["data"]["mentions"] == [member.pk]
        assert (await two.event("message.created"))["data"] == replies[0]["data"]
    assert await sync_to_async(counter)(member, group) == 2


async def test_whose_counter_moves_when_a_message_changes_is_told_on_all_devices(live_chat, owner, member, group):
    said = (await sync_to_async(send)(owner, group, "hi @milan"))[0]
    other = (await sync_to_async(send)(owner, group, "and @milan"))[0]
    async with opened(live_chat, member) as phone, opened(live_chat, member) as desk, opened(live_chat, owner) as mine:
        for change, count in (
            (lambda: edit(owner, group, said, "hi all of you"), 1),
            (lambda: edit(owner, group, said, "hi @milan again"), 2),
            (lambda: delete(owner, group, other), 1),
        ):
            await sync_to_async(change)()
            for socket in (phone, desk):
                told = await socket.event("conversation.updated")
                assert (told["data"]["id"], told["data"]["unread_mention_count"]) == (group.pk, count)
                assert "version" not in told
        await sync_to_async(read)(member, group, said)
        await sync_to_async(delete)(owner, group, said)
        await sync_to_async(send)(owner, group, "the end")
        for socket in (phone, mine):
            names = []
            while not names or names[-1] != "message.created":
                names.append((await socket.next_event())["event"])
            assert "conversation.updated" not in names


def test_what_nobody_is_counted_by_tells_nobody(owner, member, group, django_assert_max_num_queries):
    said, _ = send(owner, group, "hi all of you")
    with django_assert_max_num_queries(14):
        delete(owner, group, said)

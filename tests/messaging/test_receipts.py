"""Receipts: what was read or has arrived, who is told, who may see it, and what it costs."""

from itertools import pairwise

import pytest
from django.utils import timezone

from accounts.services.privacy import update_privacy
from chat_project.core.errors import NotAllowedError
from conversations.models import Conversation, ConversationMember
from conversations.services import add_members, create_conversation, open_dm, update_conversation
from conversations.services.pairs import block_person
from messaging import timeline
from messaging.errors import MessageNotFoundError
from messaging.models import Message, MessageReceipt
from messaging.services import mark_delivered, mark_read
from messaging.services.reading import RECEIPTS_AT_ONCE
from tests.accounts.clients import Api
from tests.clients import opened
from tests.factories import UserFactory
from tests.messaging.drafting import drafts, send
from tests.threads import at_once

ROUNDS = 10


def say(sender, conversation, count=1):
    """Append messages at once; return their ids."""
    return [appended.message_id for appended in timeline.append(drafts(sender, conversation, count))]


def read(reader, conversation, message_id):
    return mark_read(reader_id=reader.pk, conversation_id=conversation.pk, message_id=message_id)


def deliver(receiver, conversation, message_id):
    return mark_delivered(receiver_id=receiver.pk, conversation_id=conversation.pk, message_id=message_id)


def rows(conversation, type):
    kept = MessageReceipt.objects.filter(conversation=conversation, type=type)
    return sorted(kept.values_list("message_id", "user_id"))


def receipts(viewer, conversation, message_id, **query):
    parameters = "&".join(f"{name}={value}" for name, value in query.items())
    answer = Api.of(viewer).get(f"conversations/{conversation.pk}/messages/{message_id}/receipts?{parameters}")
    assert answer.status_code == 200
    return answer.json()


def kinds(viewer, conversation, message_id):
    """Return who has which receipt, as the viewer sees it."""
    return [(row["user"]["id"], row["type"]) for row in receipts(viewer, conversation, message_id)["results"]]


def both(user):
    return [(user.pk, "DELIVERED"), (user.pk, "READ")]


def place(user, conversation):
    return ConversationMember.objects.get(pk=(conversation.pk, user.pk))


@pytest.fixture
def dm(owner, member):
    """A DM of the two."""
    return Conversation.objects.get(pk=open_dm(creator=owner, user_id=member.pk)[0])


@pytest.fixture
def channel(owner, member):
    """A channel that the member reads."""
    conversation_id, _ = create_conversation(creator=owner, type="CHANNEL", title="News", member_ids=[member.pk])
    return Conversation.objects.get(pk=conversation_id)


def test_what_was_read_has_arrived_each_with_a_row_and_no_row_twice(group, owner, member):
    first, second, third = say(owner, group, 3)
    deliver(member, group, first)
    for message_id in (second, second, third, first):
        read(member, group, message_id)
    expected = sorted((message_id, member.pk) for message_id in (first, second, third))
    assert rows(group, "DELIVERED") == rows(group, "READ") == expected


def test_delivered_moves_no_reading_position_and_never_moves_back(group, owner, member):
    [start] = say(owner, group)
    read(member, group, start)
    before = place(member, group).last_read_seq
    first, second = say(owner, group, 2)
    for message_id in (second, first):
        answer = deliver(member, group, message_id)
        assert answer == {"last_read_seq": before, "unread_count": 2}
    assert place(member, group).last_delivered_seq == before + 2
    assert rows(group, "READ") == [(start, member.pk)]


def test_one_has_no_receipts_of_ones_own_nor_of_system_messages_and_tombstones(group, owner, member):
    [deleted] = say(owner, group)
    Message.objects.filter(id=deleted).update(is_deleted=True, deleted_at=timezone.now(), search=None)
    update_conversation(actor=owner, conversation_id=group.pk, changes={"title": "Climbers"})
    [last] = say(owner, group)
    for reader in (owner, member):
        read(reader, group, last)
    assert rows(group, "READ") == rows(group, "DELIVERED") == [(last, member.pk)]


def test_a_message_of_ones_own_leaves_nothing_unread_and_says_that_all_before_was_read(group, owner, member):
    [first] = say(owner, group)
    say(member, group)
    assert Api.of(member).get(f"conversations/{group.pk}").json()["unread_count"] == 0
    assert kinds(owner, group, first) == both(member)
    [later] = say(owner, group)
    read(member, group, later)
    by_type = {row["type"]: row["created_at"] for row in receipts(owner, group, first)["results"]}
    assert by_type["READ"] == receipts(owner, group, later)["results"][1]["created_at"]


def test_rows_tell_of_the_newest_and_the_position_of_all(group, owner, member, monkeypatch):
    monkeypatch.setattr("messaging.services.reading.RECEIPTS_AT_ONCE", 2)
    ids = say(owner, group, 5)
    read(member, group, ids[-1])
    assert [message_id for message_id, _ in rows(group, "READ")] == sorted(ids[-2:])
    answers = [receipts(owner, group, message_id)["results"] for message_id in ids]
    assert all([(row["user"]["id"], row["type"]) for row in answer] == both(member) for answer in answers)
    assert len({row["created_at"] for answer in answers for row in answer}) == 1


def test_who_joined_later_has_not_read_what_came_before(group, owner, outsider):
    [before] = say(owner, group)
    add_members(actor=owner, conversation_id=group.pk, user_ids=[outsider.pk])
    [after] = say(owner, group)
    read(outsider, group, after)
    assert outsider.pk not in {user_id for user_id, _ in kinds(owner, group, before)}
    assert kinds(owner, group, after) == both(outsider)


def test_a_receipt_stays_when_its_reader_has_left(group, owner, member):
    [sent] = say(owner, group)
    read(member, group, sent)
    answer = Api.of(member).post(f"conversations/{group.pk}/leave")
    assert answer.status_code == 204
    assert kinds(owner, group, sent) == both(member)


@pytest.mark.parametrize("kind", ["large group", "channel"])
def test_in_large_groups_and_channels_positions_alone_are_kept(group, channel, owner, member, settings, kind):
    settings.RECEIPTS_MAX_MEMBERS = 1
    conversation = group if kind == "large group" else channel
    [sent] = say(owner, conversation)
    assert read(member, conversation, sent)["unread_count"] == 0
    assert not MessageReceipt.objects.exists()
    assert place(member, conversation).last_delivered_seq == place(member, conversation).last_read_seq
    shown = receipts(owner, conversation, sent)["results"]
    if kind == "channel":
        assert shown == []
    else:
        assert [(row["user"]["id"], row["type"], row["created_at"]) for row in shown] == [
            (member.pk, "DELIVERED", None),
            (member.pk, "READ", None),
        ]


@pytest.mark.parametrize("hider", ["reader", "sender"])
def test_who_hides_reading_hides_read_alone_and_sees_none(group, owner, member, hider):
    update_privacy(user=member if hider == "reader" else owner, changes={"read_receipts": False})
    [sent] = say(owner, group)
    read(member, group, sent)
    assert kinds(owner, group, sent) == [(member.pk, "DELIVERED")]
    assert bool(rows(group, "READ")) == (hider == "sender")


def test_the_time_of_arrival_is_hidden_with_when_somebody_was_last_seen(group, owner, member):
    update_privacy(user=member, changes={"last_seen": "nobody"})
    [sent] = say(owner, group)
    read(member, group, sent)
    times = {row["type"]: row["created_at"] for row in receipts(owner, group, sent)["results"]}
    assert times["DELIVERED"] is None
    assert times["READ"] is not None


@pytest.mark.parametrize("blocker", ["reader", "sender"])
def test_behind_a_block_no_receipt_is_shown(group, owner, member, blocker):
    [sent] = say(owner, group)
    read(member, group, sent)
    one, other = (member, owner) if blocker == "reader" else (owner, member)
    block_person(blocker=one, user_id=other.pk)
    assert kinds(owner, group, sent) == []


def test_in_a_dm_behind_a_block_reading_moves_alone_and_delivered_is_refused(dm, owner, member):
    [sent] = say(owner, dm)
    block_person(blocker=owner, user_id=member.pk)
    with pytest.raises(NotAllowedError):
        deliver(member, dm, sent)
    assert read(member, dm, sent)["unread_count"] == 0
    assert not MessageReceipt.objects.exists()


RIGHTS = {
    ("sender", "MEMBER"): 200,
    ("other", "MEMBER"): 403,
    ("other", "MODERATOR"): 403,
    ("other", "ADMIN"): 200,
    ("other", "OWNER"): 200,
}


@pytest.mark.parametrize(("who", "role"), RIGHTS)
def test_receipts_are_for_the_sender_and_for_admin_and_up(group, owner, member, who, role):
    viewer = owner if role == "OWNER" else member
    if role != "OWNER":
        ConversationMember.objects.filter(conversation=group, user=member).update(role=role)
    [sent] = say(viewer if who == "sender" else (member if viewer == owner else owner), group)
    answer = Api.of(viewer).get(f"conversations/{group.pk}/messages/{sent}/receipts")
    assert answer.status_code == RIGHTS[who, role]


def test_what_is_before_ones_history_can_not_be_read(group, owner, outsider):
    [sent] = say(owner, group)
    update_conversation(actor=owner, conversation_id=group.pk, changes={"settings": {"history_for_new_members": False}})
    add_members(actor=owner, conversation_id=group.pk, user_ids=[outsider.pk])
    for mark in (read, deliver):
        with pytest.raises(MessageNotFoundError):
            mark(outsider, group, sent)


def test_another_conversations_message_can_not_be_read(group, dm, owner, member):
    [sent] = say(owner, dm)
    for call in ("read", "delivered"):
        assert Api.of(member).post(f"conversations/{group.pk}/{call}", {"message_id": sent}).status_code == 404
    assert Api.of(owner).get(f"conversations/{group.pk}/messages/{sent}/receipts").status_code == 404


def test_pages_hold_everybody_once(group, owner):
    people = UserFactory.create_batch(5)
    add_members(actor=owner, conversation_id=group.pk, user_ids=[person.pk for person in people])
    [sent] = say(owner, group)
    for person in people:
        read(person, group, sent)
    found, cursor = [], None
    while True:
        page = receipts(owner, group, sent, limit=3, **({} if cursor is None else {"cursor": cursor}))
        found += [(row["user"]["id"], row["type"]) for row in page["results"]]
        cursor = page["next"]
        if cursor is None:
            break
        # Nobody stands on two pages.
        assert len(page["results"]) == 2
    assert found == sorted(pair for person in people for pair in both(person))


@pytest.mark.parametrize("count", [2, 40])
def test_receipts_cost_the_same_however_many(group, owner, count, django_assert_num_queries):
    people = UserFactory.create_batch(count)
    add_members(actor=owner, conversation_id=group.pk, user_ids=[person.pk for person in people])
    [sent] = say(owner, group)
    for person in people:
        read(person, group, sent)
    api = Api.of(owner)
    api.get("users/me")
    with django_assert_num_queries(4):
        answer = api.get(f"conversations/{group.pk}/messages/{sent}/receipts?limit=100")
    assert len(answer.json()["results"]) == 2 * count


@pytest.mark.parametrize("count", [1, 300])
def test_marking_costs_the_same_however_many_are_passed(group, owner, member, count, django_assert_num_queries):
    ids = say(owner, group, count)
    # Two statements and who may be told, between the savepoint's two.
    with django_assert_num_queries(5):
        read(member, group, ids[-1])
    assert len(rows(group, "READ")) == count


def test_a_long_absence_is_marked_by_one_statement_that_writes_a_bounded_number_of_rows(group, owner, member):
    ids = say(owner, group, RECEIPTS_AT_ONCE + 50)
    assert read(member, group, ids[-1])["unread_count"] == 0
    assert len(rows(group, "READ")) == len(rows(group, "DELIVERED")) == RECEIPTS_AT_ONCE


@pytest.mark.django_db(transaction=True)
def test_devices_that_mark_at_once_leave_the_furthest_position_and_no_row_twice(group, owner, member):
    ids = say(owner, group, ROUNDS)
    results = at_once(
        *(lambda mid=mid, mark=mark: mark(member, group, mid) for mid in ids for mark in (read, deliver)),
    )
    assert all(isinstance(result, dict) for result in results)
    assert rows(group, "READ") == rows(group, "DELIVERED") == sorted((mid, member.pk) for mid in ids)
    assert place(member, group).last_read_message_id == ids[-1]


@pytest.mark.django_db(transaction=True)
def test_what_is_unread_is_right_when_messages_arrive_while_others_are_read(group, owner, member):
    def send_some():
        return [send(owner, group)[0]["id"] for _ in range(ROUNDS)]

    def read_some():
        answers = []
        for _ in range(ROUNDS):
            newest = Message.objects.filter(conversation=group).order_by("-seq").first()
            answers.append(read(member, group, newest.id))
        return answers

    sent, answers = at_once(send_some, read_some)
    assert all(before["last_read_seq"] <= after["last_read_seq"] for before, after in pairwise(answers))
    group.refresh_from_db()
    shown = Api.of(member).get(f"conversations/{group.pk}").json()
    assert shown["unread_count"] == group.last_seq - place(member, group).last_read_seq
    assert read(member, group, sent[-1])["unread_count"] == 0
    assert [message_id for message_id, _ in rows(group, "READ")] == sorted(sent)


async def test_senders_hear_of_arrival_and_of_reading_and_the_readers_other_devices_of_the_position(
    live_chat, owner, member, dm
):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two, opened(live_chat, member) as other:
        sent = (await one.command("message.send", conversation_id=dm.pk, content="hi"))["data"]
        expected = {"user_id": member.pk, "message_id": sent["id"], "seq": sent["seq"]}
        reply = await two.command("delivered", conversation_id=dm.pk, message_id=sent["id"])
        assert reply["data"] == {"last_read_seq": 0, "unread_count": 1}
        assert (await one.event("receipt.delivered"))["data"] == expected
        await two.command("read", conversation_id=dm.pk, message_id=sent["id"])
        assert (await one.event("receipt.read"))["data"] == expected
        position = {"message_id": sent["id"], "last_read_seq": sent["seq"], "unread_count": 0}
        assert (await other.event("read"))["data"] == position


async def test_of_who_hides_reading_the_sender_hears_that_it_arrived(live_chat, owner, member, dm):
    member.privacy_settings = {**member.privacy_settings, "read_receipts": False}
    await member.asave()
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        sent = (await one.command("message.send", conversation_id=dm.pk, content="hi"))["data"]
        await two.command("read", conversation_id=dm.pk, message_id=sent["id"])
        heard = await one.event("receipt.delivered")
        assert heard["data"]["message_id"] == sent["id"]
        await one.command("ping")
        assert "receipt.read" not in {event["event"] for event in one.events}

"""Forwarding: what is copied, what is told of where it came from, and what goes nowhere else."""

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services.privacy import update_privacy
from chat_project.core.db.cuid import new_cuid
from chat_project.core.errors import TooManyRequestsError
from conversations.models import Conversation, ConversationMember
from conversations.services import add_members, create_conversation, open_dm, update_conversation
from conversations.services.leaving import close_account
from conversations.services.pairs import block_person
from messaging import timeline
from messaging.errors import NotForwardableError
from messaging.models import Message
from messaging.services import delete_message, forward_messages
from messaging.services.pace import require_pace
from tests.accounts.clients import Api
from tests.factories import PASSWORD, UserFactory
from tests.messaging.drafting import drafts, send, timeline_of
from tests.threads import at_once

ORIGIN_KEYS = {"sender_id", "sender_name", "conversation_id", "message_id", "created_at"}


@pytest.fixture
def target(member, outsider):
    """A group to which the member forwards."""
    conversation_id, _ = create_conversation(creator=member, type="GROUP", title="Elsewhere", member_ids=[outsider.pk])
    return Conversation.objects.get(pk=conversation_id)


def forward(sender, target, origin, *message_ids):
    return forward_messages(
        sender=sender, conversation_id=target.pk, from_conversation_id=origin.pk, message_ids=message_ids
    )


def ask(sender, target, origin, message_ids):
    body = {"from_conversation_id": origin if isinstance(origin, str) else origin.pk, "message_ids": message_ids}
    return Api.of(sender).post(f"conversations/{target.pk}/forward", body)


def say(sender, conversation, content="hi", **fields):
    return send(sender, conversation, content, **fields)[0]


def origin_of(viewer, message):
    shown = Api.of(viewer).get(f"conversations/{message['conversation_id']}/messages/{message['id']}").json()
    assert shown["forwarded_from"].keys() == ORIGIN_KEYS
    return shown["forwarded_from"]


def test_copies_come_in_the_order_in_which_they_were_said_and_say_whose_they_were(group, owner, member, target):
    said = [say(owner, group, "one"), say(member, group, "two"), say(owner, group, "three")]
    answer = ask(member, target, group, [message["id"] for message in reversed(said)])
    assert answer.status_code == 201
    copies = answer.json()["results"]
    assert [copy["content"] for copy in copies] == ["one", "two", "three"]
    assert {copy["sender"]["id"] for copy in copies} == {member.pk}
    for copy, message in zip(copies, said, strict=True):
        assert copy["forwarded_from"] == {
            "sender_id": message["sender"]["id"],
            "sender_name": message["sender"]["display_name"],
            "conversation_id": None,
            "message_id": None,
            "created_at": message["created_at"],
        }
        assert Api.of(member).get(f"conversations/{target.pk}/messages/{copy['id']}").json() == copy


def test_the_place_of_origin_is_told_where_it_has_a_handle(group, owner, member, target):
    update_conversation(actor=owner, conversation_id=group.pk, changes={"handle": "hikers_club"})
    message = say(owner, group)
    [copy] = forward(member, target, group, message["id"])
    shown = origin_of(member, copy)
    assert (shown["conversation_id"], shown["message_id"]) == (group.pk, message["id"])


@pytest.mark.parametrize("how", ["nobody", "contacts", "never", "block", "closed"])
def test_who_hides_it_is_not_named_nor_to_be_found(group, owner, member, target, how):
    update_conversation(actor=owner, conversation_id=group.pk, changes={"handle": "hikers_club"})
    author = UserFactory()
    add_members(actor=owner, conversation_id=group.pk, user_ids=[author.pk])
    message = say(author, group)
    if how == "block":
        block_person(blocker=author, user_id=member.pk)
    elif how == "closed":
        close_account(user=author, password=PASSWORD)
    elif how == "never":
        update_privacy(user=author, changes={"exceptions": {"forwards": {"never": [member.pk]}}})
    else:
        update_privacy(user=author, changes={"forwards": how})
    [copy] = forward(member, target, group, message["id"])
    shown = origin_of(member, copy)
    assert {key: value for key, value in shown.items() if key != "created_at"} == dict.fromkeys(
        ORIGIN_KEYS - {"created_at"}
    )


def test_privacy_is_frozen_as_it_was_judged_and_the_name_is_the_one_of_today(group, owner, member, target):
    [named] = forward(member, target, group, say(owner, group)["id"])
    update_privacy(user=owner, changes={"forwards": "nobody"})
    [hidden] = forward(member, target, group, say(owner, group)["id"])
    update_privacy(user=owner, changes={"forwards": "everybody"})
    User.objects.filter(pk=owner.pk).update(display_name="Renamed")
    assert origin_of(member, named)["sender_name"] == "Renamed"
    assert origin_of(member, hidden)["sender_name"] is None
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert origin_of(member, named)["sender_name"] == "Deleted Account"
    Message.objects.filter(id=named["id"]).update(forwarded_from={"sender_id": new_cuid()})
    assert origin_of(member, named)["sender_name"] is None


def test_what_was_forwarded_before_keeps_its_first_origin_and_is_judged_anew(group, owner, member, outsider, target):
    message = say(owner, group)
    [copy] = forward(member, target, group, message["id"])
    dm = Conversation.objects.get(pk=open_dm(creator=outsider, user_id=member.pk)[0])
    [again] = forward(outsider, dm, target, copy["id"])
    assert again["forwarded_from"]["sender_id"] == owner.pk
    assert again["forwarded_from"]["created_at"] == message["created_at"]
    update_privacy(user=owner, changes={"forwards": "nobody"})
    [third] = forward(outsider, dm, target, copy["id"])
    assert third["forwarded_from"]["sender_id"] is None


def test_a_copy_takes_the_text_alone(group, owner, member, target):
    first = say(owner, group)
    message = say(owner, group, "answer", reply_to_id=first["id"], client_id="one")
    Message.objects.filter(id=message["id"]).update(
        metadata={"entities": [], "note": "x"}, pinned_at=timezone.now(), pinned_by=owner
    )
    [copy] = forward(member, target, group, message["id"])
    assert (copy["reply_to"], copy["client_id"], copy["is_pinned"]) == (None, None, False)
    assert copy["metadata"] == {"entities": []}


NOT_FORWARDABLE = {
    "deleted": {"is_deleted": True, "deleted_at": timezone.now(), "search": None},
    "expiring": {"expires_at": timezone.now()},
    "encrypted": {"encryption": {"v": 1}, "search": None},
    "system": {"type": "SYSTEM"},
    "file": {"type": "FILE"},
}


@pytest.mark.parametrize("kind", NOT_FORWARDABLE)
def test_some_messages_go_nowhere_else_and_take_the_others_with_them(group, owner, member, target, kind):
    good, bad = say(owner, group), say(owner, group)
    Message.objects.filter(id=bad["id"]).update(**NOT_FORWARDABLE[kind])
    before = len(timeline_of(target))
    answer = ask(member, target, group, [good["id"], bad["id"]])
    assert (answer.status_code, answer.json()["code"]) == (400, "not_forwardable")
    assert len(timeline_of(target)) == before


def test_only_who_may_read_there_and_send_here_forwards(group, owner, member, outsider, target):
    there = say(owner, group)["id"]
    assert ask(outsider, target, group, [there]).status_code == 404
    assert ask(owner, target, group, [there]).status_code == 404
    assert ask(member, target, group, [there, new_cuid()]).status_code == 404
    assert ask(member, target, target, [there]).status_code == 404
    assert ask(member, target, "x", [there]).status_code == 404
    assert ask(member, target, group, ["x"]).status_code == 404
    ConversationMember.objects.filter(conversation=target, user=outsider).update(permissions={"send_messages": False})
    mine = say(member, target)["id"]
    assert ask(outsider, target, target, [mine]).status_code == 403


def test_what_came_before_ones_history_is_not_to_be_forwarded(group, owner, outsider, target):
    before = say(owner, group)["id"]
    update_conversation(actor=owner, conversation_id=group.pk, changes={"settings": {"history_for_new_members": False}})
    add_members(actor=owner, conversation_id=group.pk, user_ids=[outsider.pk])
    assert ask(outsider, target, group, [before]).status_code == 404


@pytest.mark.parametrize("count", [0, 101])
def test_one_forwards_1_to_100_messages_each_once(group, owner, member, target, count):
    ids = [new_cuid() for _ in range(count)]
    assert ask(member, target, group, ids).status_code == 400
    twice = [say(owner, group)["id"]] * 2
    assert ask(member, target, group, twice).status_code == 400


@pytest.mark.parametrize("count", [2, 100])
def test_forwarding_costs_the_same_however_many(group, owner, member, target, count, django_assert_num_queries):
    ids = [appended.message_id for appended in timeline.append(drafts(owner, group, count))]
    # Two memberships, the messages, their writers, one append; between the savepoint's two.
    with django_assert_num_queries(7):
        copies = forward(member, target, group, *ids)
    assert len(copies) == count


def test_slow_mode_lets_one_message_through(group, owner, member, outsider, target):
    update_conversation(actor=member, conversation_id=target.pk, changes={"settings": {"slow_mode_seconds": 60}})
    one, two = say(member, target)["id"], say(member, target)["id"]
    answer = ask(outsider, target, target, [one, two])
    assert (answer.status_code, answer.json()["code"]) == (429, "slow_mode")
    assert ask(outsider, target, target, [one]).status_code == 201


def test_what_is_forwarded_counts_as_sent(group, owner, member, target, settings):
    settings.RATE_LIMITS = True
    require_pace("somebody", messages=100)
    with pytest.raises(TooManyRequestsError):
        require_pace("somebody")


@pytest.mark.django_db(transaction=True)
def test_forwards_that_race_each_other_into_both_conversations_never_deadlock(group, owner, member, target):
    add_members(actor=member, conversation_id=target.pk, user_ids=[owner.pk])
    here, there = say(owner, target)["id"], say(owner, group)["id"]
    calls = [lambda: forward(member, target, group, there), lambda: forward(owner, group, target, here)] * 3
    assert all(isinstance(result, list) for result in at_once(*calls))


@pytest.mark.django_db(transaction=True)
def test_a_message_that_is_deleted_while_it_is_forwarded_comes_whole_or_not_at_all(group, owner, member, target):
    for _ in range(5):
        message = say(owner, group, "said")
        before = len(timeline_of(target))
        forwarded, deleted = at_once(
            lambda message=message: forward(member, target, group, message["id"]),
            lambda message=message: delete_message(
                actor_id=owner.pk, conversation_id=group.pk, message_id=message["id"]
            ),
        )
        assert deleted is None
        new = timeline_of(target)[before:]
        if isinstance(forwarded, NotForwardableError):
            assert new == []
        else:
            assert [row.content for row in new] == [copy["content"] for copy in forwarded] == ["said"]
        with pytest.raises(NotForwardableError):
            forward(member, target, group, message["id"])

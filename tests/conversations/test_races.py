"""What two people do at the same moment."""

import pytest

from chat_project.core.errors import InvalidError, NotFoundError
from conversations.errors import ConversationNotFoundError, OwnerMustTransferError
from conversations.models import Conversation, ConversationMember
from conversations.services import add_members, create_conversation, leave_conversation, open_dm, remove_member
from messaging.models import Message
from tests.factories import UserFactory
from tests.messaging.drafting import send, timeline_of
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_who_write_to_each_other_at_once_have_one_dm(owner, member):
    results = at_once(
        *(lambda: open_dm(creator=owner, user_id=member.pk) for _ in range(3)),
        *(lambda: open_dm(creator=member, user_id=owner.pk) for _ in range(3)),
    )
    assert len({conversation_id for conversation_id, _ in results}) == 1
    assert [is_new for _, is_new in results].count(True) == 1
    assert ConversationMember.objects.count() == 2


def test_a_handle_goes_to_one_of_those_who_want_it(owner, member):
    results = at_once(
        *(
            lambda creator=creator: create_conversation(creator=creator, type="GROUP", title="Hikers", handle="hikers")
            for creator in (owner, member) * 2
        )
    )
    assert sum(isinstance(result, InvalidError) for result in results) == 3
    assert Conversation.objects.count() == 1


def test_nobody_says_a_word_after_they_were_removed(group, owner, member):
    def talk():
        for number in range(50):
            try:
                send(member, group, str(number))
            except ConversationNotFoundError:
                return

    at_once(talk, talk, lambda: remove_member(actor=owner, conversation_id=group.pk, user_id=member.pk))
    timeline = timeline_of(group)
    removed = next(row.seq for row in timeline if row.metadata.get("system", {}).get("event") == "member.removed")
    assert not Message.objects.filter(conversation=group, sender=member, seq__gt=removed).exists()
    assert [row.seq for row in timeline] == list(range(1, len(timeline) + 1))


def test_members_are_counted_whoever_comes_and_goes_at_once(group, owner, member):
    people = [UserFactory() for _ in range(4)]
    results = at_once(
        *(lambda p=p: add_members(actor=owner, conversation_id=group.pk, user_ids=[p.pk]) for p in people),
        *(lambda p=p: add_members(actor=owner, conversation_id=group.pk, user_ids=[p.pk]) for p in people),
        lambda: leave_conversation(member=member, conversation_id=group.pk),
        lambda: remove_member(actor=owner, conversation_id=group.pk, user_id=member.pk),
    )
    group.refresh_from_db()
    active = ConversationMember.objects.filter(conversation=group, is_active=True)
    assert group.member_count == active.count() == 5
    assert sum(isinstance(result, NotFoundError) for result in results) == 1
    joined = [row.metadata["system"] for row in timeline_of(group) if row.type == "SYSTEM"]
    assert len([line for line in joined if line["event"] == "member.joined"]) == 1 + len(people)


def test_an_owner_does_not_slip_out_while_somebody_comes(owner, member):
    conversation_id, _ = create_conversation(creator=owner, type="GROUP", title="Two")
    left, added = at_once(
        lambda: leave_conversation(member=owner, conversation_id=conversation_id),
        lambda: add_members(actor=owner, conversation_id=conversation_id, user_ids=[member.pk]),
    )
    group = Conversation.objects.get(pk=conversation_id)
    if isinstance(left, OwnerMustTransferError):
        assert (group.member_count, group.owner_id, group.archived_at) == (2, owner.pk, None)
    else:
        assert isinstance(added, ConversationNotFoundError)
        assert (group.member_count, group.owner_id) == (0, None)

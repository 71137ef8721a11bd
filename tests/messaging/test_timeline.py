"""What one statement promises about any number of drafts, whoever appends beside it."""

import random
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import ContactRequest
from chat_project.core.db.cuid import new_cuid
from chat_project.core.errors import UnavailableError
from conversations.enums import ConversationType, Role
from conversations.errors import ConversationNotFoundError
from conversations.models import Conversation, ConversationMember
from conversations.services import create_conversation, open_dm
from messaging import timeline
from messaging.errors import ReplyTargetInvalidError, SlowModeError, StrangerLimitError
from messaging.models import Message
from messaging.timeline import Outcome
from tests.messaging.drafting import draft, locked, send, timeline_of
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 6
CALLS = 8


@pytest.fixture
def groups(owner, member):
    """Some groups of the same two."""
    ids = [
        create_conversation(creator=owner, type=ConversationType.GROUP, title=title, member_ids=[member.pk])[0]
        for title in ("Hikers", "Cooks", "Readers")
    ]
    return list(Conversation.objects.filter(pk__in=ids))


@pytest.fixture
def dm(owner, member):
    """A DM of two strangers."""
    return Conversation.objects.get(pk=open_dm(creator=owner, user_id=member.pk)[0])


def outcomes(*drafts):
    return [appended.outcome for appended in timeline.append(drafts)]


def test_appends_that_race_share_no_number_leave_no_gap_and_never_deadlock(groups, owner, member):
    def append_some(number):
        chance = random.Random(number)
        sender = (owner, member)[number % 2]
        for _ in range(CALLS):
            drafts = [draft(sender, group) for group in groups for _ in range(chance.randint(1, 3))]
            chance.shuffle(drafts)
            assert {appended.outcome for appended in timeline.append(drafts)} == {Outcome.APPENDED}
        return True

    assert at_once(*(lambda n=n: append_some(n) for n in range(THREADS))) == [True] * THREADS
    for group in groups:
        group.refresh_from_db()
        rows = timeline_of(group)
        assert len(rows) >= THREADS * CALLS
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        assert [row.version for row in rows] == list(range(1, len(rows) + 1))
        times = [row.created_at for row in rows]
        assert all(earlier < later for earlier, later in pairwise(times))
        assert (group.last_seq, group.version) == (rows[-1].seq, rows[-1].version)
        assert (group.last_message_id, group.last_message_at) == (rows[-1].id, rows[-1].created_at)


def test_what_is_rolled_back_leaves_no_gap(group, member):
    before = timeline_of(group)[-1].seq
    with transaction.atomic():
        send(member, group, "never said")
        transaction.set_rollback(True)
    assert send(member, group)[0]["seq"] == before + 1


def test_retries_that_race_send_once(group, member):
    results = at_once(*(lambda n=n: send(member, group, f"try {n}", client_id="one") for n in range(THREADS)))
    assert [is_new for _, is_new in results].count(True) == 1
    assert len({message["id"] for message, _ in results}) == 1
    assert len({message["content"] for message, _ in results}) == 1
    assert Message.objects.filter(sender=member).count() == 1


def test_a_client_id_is_a_senders_own_and_a_conversations_own(groups, owner, member):
    drafts = [draft(sender, group, client_id="one") for sender in (owner, member) for group in groups[:2]]
    assert outcomes(*drafts) == [Outcome.APPENDED] * 4
    assert outcomes(*drafts) == [Outcome.REPEATED] * 4


def test_a_client_id_twice_in_one_batch_is_one_message(group, member):
    first, again = timeline.append([draft(member, group, client_id="one"), draft(member, group, client_id="one")])
    assert (first.outcome, again.outcome) == (Outcome.APPENDED, Outcome.REPEATED)
    assert again.message_id == first.message_id


def test_time_goes_on_in_a_conversation_though_the_clock_went_back(group, member):
    tomorrow = timezone.now() + timedelta(days=1)
    Conversation.objects.filter(pk=group.pk).update(last_message_at=tomorrow)
    send(member, group)
    assert timeline_of(group)[-1].created_at == tomorrow + timedelta(microseconds=1)


def test_each_draft_of_a_batch_has_an_outcome_of_its_own(groups, member, outsider):
    first, second, third = groups
    drafts = [
        draft(member, first),
        draft(outsider, first),
        draft(member, first, conversation_id=new_cuid()),
        draft(member, second, members_version=999),
        draft(member, third, reply_to_id=new_cuid()),
        draft(member, third, client_id="x"),
        draft(member, third, client_id="x"),
    ]
    assert outcomes(*drafts) == [
        Outcome.APPENDED,
        Outcome.NOT_MEMBER,
        Outcome.MISSING,
        Outcome.STALE,
        Outcome.REPLY_INVALID,
        Outcome.APPENDED,
        Outcome.REPEATED,
    ]
    # Each began with who made it and who joined.
    assert [len(timeline_of(group)) for group in groups] == [3, 2, 3]


def test_who_left_is_no_member_whatever_the_draft_says(group, member):
    judged = draft(member, group)
    ConversationMember.objects.filter(conversation=group, user=member).update(
        is_active=False, left_at=timezone.now(), left_reason="LEFT"
    )
    assert outcomes(judged) == [Outcome.NOT_MEMBER]


def test_a_retry_is_answered_even_when_rights_have_changed_since(group, member):
    sent, _ = send(member, group, client_id="one")
    judged = draft(member, group, client_id="one", members_version=999)
    [again] = timeline.append([judged])
    assert (again.outcome, again.message_id) == (Outcome.REPEATED, sent["id"])


def test_a_lock_that_stays_held_makes_a_conversation_unavailable(groups, member):
    held, free = groups[:2]
    with locked(held):
        with pytest.raises(UnavailableError) as refused:
            send(member, held)
        assert refused.value.retry_after
        send(member, free)
    send(member, held)


def test_sending_reads_up_to_the_own_message_and_leaves_the_others_where_they_were(group, owner, member):
    before = ConversationMember.objects.get(pk=(group.pk, owner.pk))
    sent, _ = send(member, group)
    mine = ConversationMember.objects.get(pk=(group.pk, member.pk))
    assert (mine.last_read_seq, mine.last_read_message_id, mine.last_delivered_seq) == (
        sent["seq"],
        sent["id"],
        sent["seq"],
    )
    assert mine.has_sent
    assert ConversationMember.objects.get(pk=(group.pk, owner.pk)).last_read_seq == before.last_read_seq


@pytest.fixture
def slow(group):
    """The group, with a minute between two messages of a member's."""
    Conversation.objects.filter(pk=group.pk).update(settings={"slow_mode_seconds": 60})
    group.refresh_from_db()
    return group


def test_slow_mode_lets_one_of_two_messages_that_race_through(slow, member):
    results = at_once(*(lambda: send(member, slow) for _ in range(THREADS)))
    refused = [result for result in results if isinstance(result, SlowModeError)]
    assert len(refused) == THREADS - 1
    assert all(0 < error.retry_after <= 60 for error in refused)
    assert Message.objects.filter(sender=member).count() == 1


def test_slow_mode_ends_holds_for_each_by_themselves_and_not_for_moderators(slow, owner, member):
    send(member, slow)
    send(owner, slow)
    send(owner, slow)
    with pytest.raises(SlowModeError):
        send(member, slow)
    ConversationMember.objects.filter(conversation=slow, user=member).update(
        last_sent_at=timezone.now() - timedelta(seconds=61)
    )
    send(member, slow)
    ConversationMember.objects.filter(conversation=slow, user=member).update(role=Role.MODERATOR)
    send(member, slow)


def test_a_retry_is_answered_in_slow_mode_too(slow, member):
    first, _ = send(member, slow, client_id="one")
    assert send(member, slow, client_id="one") == (first, False)


def test_a_stranger_sends_three_messages_however_fast(dm, owner):
    results = at_once(*(lambda: send(owner, dm) for _ in range(THREADS)))
    assert sum(isinstance(result, StrangerLimitError) for result in results) == THREADS - 3
    assert [row.seq for row in timeline_of(dm)] == [1, 2, 3]


def test_an_answer_lifts_the_strangers_limit_for_both(dm, owner, member):
    for _ in range(3):
        send(owner, dm)
    send(member, dm)
    for sender in (owner, member) * 4:
        send(sender, dm)
    assert len(timeline_of(dm)) == 12


def test_contacts_and_oneself_have_no_strangers_limit(dm, owner, member):
    ContactRequest.objects.create(from_user=member, to_user=owner, status="ACCEPTED")
    saved = Conversation.objects.get(pk=open_dm(creator=owner, user_id=owner.pk)[0])
    for conversation in (dm, saved):
        for _ in range(5):
            send(owner, conversation)
        assert len(timeline_of(conversation)) == 5


def test_a_reply_quotes_its_target(group, owner, member):
    target, _ = send(owner, group, "Saturday?")
    reply, _ = send(member, group, "Yes!", reply_to_id=target["id"])
    assert reply["reply_to"] == {
        "id": target["id"],
        "sender_id": owner.pk,
        "type": "TEXT",
        "content": "Saturday?",
        "is_deleted": False,
    }


def test_what_is_deleted_elsewhere_or_before_the_senders_history_is_not_replied_to(groups, owner, member):
    group, elsewhere = groups[:2]
    deleted, old, foreign = (send(owner, where)[0]["id"] for where in (group, group, elsewhere))
    Message.objects.filter(id=deleted).update(is_deleted=True, deleted_at=timezone.now(), search=None)
    ConversationMember.objects.filter(conversation=group, user=member).update(visible_from_seq=group.last_seq + 10)
    for target in (deleted, old, foreign, new_cuid()):
        with pytest.raises(ReplyTargetInvalidError):
            send(member, group, reply_to_id=target)
    send(owner, group, reply_to_id=old)


def test_a_message_lives_as_long_as_the_conversation_says(group, member):
    Conversation.objects.filter(pk=group.pk).update(settings={"message_ttl_seconds": 3600})
    sent, _ = send(member, group)
    row = Message.objects.get(id=sent["id"])
    assert row.expires_at - row.created_at == timedelta(hours=1)


def test_a_version_is_drawn_for_each_change_that_is_no_message(group, member):
    version, members_version = timeline.draw_version(conversation_id=group.pk, members_changed=True)
    group.refresh_from_db()
    assert (group.version, group.members_version) == (version, members_version)
    sent, _ = send(member, group)
    assert sent["version"] == version + 1
    assert sent["seq"] == group.last_seq + 1
    with pytest.raises(ConversationNotFoundError):
        timeline.draw_version(conversation_id=new_cuid())

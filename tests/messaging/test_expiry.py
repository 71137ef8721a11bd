"""Messages that expire: tombstones on time, once, in bounded batches, whoever works beside."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.utils import timezone

from conversations.models import Conversation, ConversationMember
from conversations.services import create_conversation, update_conversation
from messaging import tasks, timeline
from messaging.models import Message, MessageMention
from messaging.services import edit_message, expiry, mark_read, set_reaction
from messaging.services.expiry import expire_messages
from tests.accounts.clients import Api
from tests.clients import opened
from tests.messaging.drafting import drafts, locked, send, timeline_of
from tests.threads import at_once


def say(sender, conversation, count):
    return [appended.message_id for appended in timeline.append(drafts(sender, conversation, count))]


def let_pass(*message_ids, seconds=60):
    """Let the time of messages have come: also for a transaction that began a while ago, whose now() stands still."""
    Message.objects.filter(id__in=message_ids).update(expires_at=timezone.now() - timedelta(seconds=seconds))


def tombstones(conversation):
    return [row for row in timeline_of(conversation) if row.is_deleted]


@pytest.fixture
def other_group(owner, member):
    """One more group of the same two."""
    conversation_id, _ = create_conversation(creator=owner, type="GROUP", title="Cooks", member_ids=[member.pk])
    return Conversation.objects.get(pk=conversation_id)


def test_messages_get_the_time_to_live_that_holds_when_they_are_sent(group, owner):
    before = send(owner, group)[0]
    update_conversation(actor=owner, conversation_id=group.pk, changes={"settings": {"message_ttl_seconds": 60}})
    after = Message.objects.get(id=send(owner, group)[0]["id"])
    assert after.expires_at == after.created_at + timedelta(seconds=60)
    assert Message.objects.get(id=before["id"]).expires_at is None
    assert expire_messages() == 0


def test_what_has_expired_is_a_tombstone_with_a_version_of_its_own_each(group, owner, member):
    kept, *ids = say(owner, group, 4)
    Message.objects.filter(id=ids[0]).update(pinned_at=timezone.now(), pinned_by=owner)
    let_pass(*ids)
    before = Conversation.objects.get(pk=group.pk).version
    assert expire_messages() == 3
    rows = tombstones(group)
    assert [row.id for row in rows] == ids
    assert [row.version for row in rows] == [before + 1, before + 2, before + 3]
    assert Conversation.objects.get(pk=group.pk).version == before + 3
    assert all((row.deleted_at, row.deleted_by_id, row.pinned_at) == (row.expires_at, None, None) for row in rows)
    assert not Message.objects.get(id=kept).is_deleted
    assert expire_messages() == 0
    changed = Api.of(member).post("sync", {"versions": {group.pk: before}}).json()["conversations"][0]["messages"]
    assert [(row["id"], row["content"], row["is_deleted"]) for row in changed] == [(mid, "", True) for mid in ids]


def test_content_is_gone_on_time_though_the_job_is_late(group, owner):
    message = send(owner, group, "secret")[0]
    answer = send(owner, group, "answer", reply_to_id=message["id"])[0]
    path = f"conversations/{group.pk}/messages/{message['id']}"
    Message.objects.filter(id=message["id"]).update(expires_at=timezone.now() + timedelta(hours=1))
    shown = Api.of(owner).get(path).json()
    assert (shown["content"], shown["is_deleted"], shown["deleted_at"]) == ("secret", False, None)
    let_pass(message["id"])
    early = Api.of(owner).get(path).json()
    assert (early["content"], early["is_deleted"]) == ("", True)
    quote = Api.of(owner).get(f"conversations/{group.pk}/messages/{answer['id']}").json()["reply_to"]
    assert (quote["content"], quote["is_deleted"]) == ("", True)
    expire_messages()
    late = Api.of(owner).get(path).json()
    assert {**late, "version": early["version"]} == early


def test_what_hangs_on_a_message_goes_on_time_with_it(group, owner):
    message_id = send(owner, group, "secret")[0]["id"]
    edit_message(editor_id=owner.pk, conversation_id=group.pk, message_id=message_id, content="changed")
    set_reaction(actor_id=owner.pk, conversation_id=group.pk, message_id=message_id, emoji="👍")
    path = f"conversations/{group.pk}/messages/{message_id}"
    api = Api.of(owner)
    lists = (f"{path}/edits", f"{path}/reactions")
    assert [len(api.get(each).json()["results"]) for each in lists] == [1, 1]
    let_pass(message_id)
    assert [api.get(each).json()["results"] for each in lists] == [[], []]
    changes = (f"{path}/pin", f"{path}/reactions/🔥")
    assert {api.call(method, each).status_code for each in changes for method in ("PUT", "DELETE")} == {404}


def test_mentions_that_were_not_read_are_forgotten(group, owner, member):
    ids = say(owner, group, 3)
    MessageMention.objects.bulk_create(
        MessageMention(conversation=group, message_id=message_id, user=member) for message_id in ids
    )
    place = ConversationMember.objects.filter(conversation=group, user=member)
    place.update(unread_mention_count=3)
    mark_read(reader_id=member.pk, conversation_id=group.pk, message_id=ids[0])
    assert place.get().unread_mention_count == 2
    let_pass(ids[0], ids[1])
    expire_messages()
    assert place.get().unread_mention_count == 1


def test_a_run_goes_through_more_than_a_batch_and_through_many_conversations(group, other_group, owner, monkeypatch):
    monkeypatch.setattr(expiry, "BATCH_MAX", 3)
    monkeypatch.setattr(expiry, "CONVERSATIONS_MAX", 1)
    for conversation in (group, other_group):
        let_pass(*say(owner, conversation, 7))
    assert expire_messages() == 14
    assert [len(tombstones(conversation)) for conversation in (group, other_group)] == [7, 7]


@pytest.mark.parametrize("count", [2, 100])
def test_a_batch_costs_the_same_however_many(group, owner, count, django_assert_num_queries):
    let_pass(*say(owner, group, count))
    # Which conversations, the lock, the tombstones, two for mentions, the versions, the messages as they are then;
    # between the savepoint's two; and that there are no more.
    with django_assert_num_queries(10):
        assert expire_messages() == count


@pytest.mark.django_db(transaction=True)
def test_runs_beside_each_other_and_beside_sends_expire_each_once_and_leave_no_gap(group, owner, monkeypatch):
    monkeypatch.setattr(expiry, "BATCH_MAX", 5)
    ids = say(owner, group, 40)
    let_pass(*ids)
    counts = at_once(expire_messages, expire_messages, lambda: [send(owner, group) for _ in range(10)])
    assert sum(counts[:2]) + expire_messages() == 40
    versions = sorted(row.version for row in timeline_of(group))
    assert len(set(versions)) == len(versions)
    assert versions[-1] == Conversation.objects.get(pk=group.pk).version
    assert {row.id for row in tombstones(group)} == set(ids)


@pytest.mark.django_db(transaction=True)
def test_a_conversation_that_is_locked_holds_up_no_other_and_its_turn_comes(group, other_group, owner):
    for conversation in (group, other_group):
        let_pass(*say(owner, conversation, 2))
    with locked(group):
        assert expire_messages() == 2
    assert [len(tombstones(conversation)) for conversation in (group, other_group)] == [0, 2]
    assert expire_messages() == 2


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_cut_off_leaves_whole_batches_and_the_next_goes_on(group, owner, monkeypatch):
    monkeypatch.setattr(expiry, "BATCH_MAX", 4)
    ids = say(owner, group, 10)
    let_pass(*ids)
    assert expire_messages(seconds=0) == 4
    assert [row.id for row in tombstones(group)] == ids[:4]
    assert expire_messages() == 6


def test_the_clock_calls_the_task_by_its_name(group, owner):
    let_pass(*say(owner, group, 1))
    entry = django_settings.CELERY_BEAT_SCHEDULE["expire-messages"]
    assert entry["task"] == tasks.expire_messages.name
    tasks.expire_messages()
    assert len(tombstones(group)) == 1


async def test_members_hear_of_the_deletion(live_chat, group, owner, member):
    message, _ = await sync_to_async(send)(owner, group, "secret")
    async with opened(live_chat, member) as socket:
        await sync_to_async(let_pass)(message["id"])
        await sync_to_async(expire_messages)()
        heard = await socket.event("message.deleted")
        assert (heard["data"]["id"], heard["data"]["content"]) == (message["id"], "")
        assert heard["version"] == heard["data"]["version"] > message["version"]

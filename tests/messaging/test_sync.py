"""Sync: after it the client has everything, however little it had before."""

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from conversations.models import Conversation, ConversationMember
from conversations.services import (
    add_members,
    create_conversation,
    open_dm,
    remove_member,
    update_conversation,
)
from messaging import timeline
from messaging.models import Message
from tests.accounts.clients import Api
from tests.clients import opened
from tests.messaging.drafting import drafts, send


def say(sender, conversation, count, content="hi"):
    """Append many messages at once."""
    return [appended.message_id for appended in timeline.append(drafts(sender, conversation, count, content))]


def groups(owner, count):
    return [
        Conversation.objects.get(pk=create_conversation(creator=owner, type="GROUP", title=f"g{number}")[0])
        for number in range(count)
    ]


class Client:
    """A client that syncs as the contract says, and keeps what it gets."""

    def __init__(self, user):
        self.api = Api.of(user)
        self.versions = {}
        self.messages = {}
        self.answers = []

    def sync(self, **fields):
        """Sync until there is no more."""
        while True:
            answer = self.api.post("sync", {"versions": self.versions, **fields})
            assert answer.status_code == 200
            self.answers.append(answer.json())
            if not self._take(answer.json()):
                return self

    def _take(self, answer):
        has_more = False
        for removed in answer["removed"]:
            del self.versions[removed]
        for entry in answer["conversations"]:
            conversation, messages = entry["conversation"], entry["messages"]
            if entry["reset"]:
                self.messages[conversation["id"]] = {}
            kept = self.messages.setdefault(conversation["id"], {})
            kept.update({message["id"]: message for message in messages})
            version = messages[-1]["version"] if entry["has_more"] else conversation["version"]
            self.versions[conversation["id"]] = version
            has_more = has_more or entry["has_more"]
        return has_more

    def seqs(self, conversation):
        return sorted(message["seq"] for message in self.messages[conversation.pk].values())


def test_a_new_client_gets_all_its_conversations_with_their_newest_messages(owner, member, group):
    dm = Conversation.objects.get(pk=open_dm(creator=owner, user_id=member.pk)[0])
    say(owner, group, 60)
    client = Client(owner).sync()
    assert client.versions.keys() == {group.pk, dm.pk}
    assert client.seqs(group) == list(range(13, 63))
    [answer] = client.answers
    assert not any(entry["has_more"] or entry["reset"] for entry in answer["conversations"])
    listed = {row["id"]: row for row in client.api.get("conversations").json()["results"]}
    assert {entry["conversation"]["id"]: entry["conversation"] for entry in answer["conversations"]} == listed


def test_who_has_everything_gets_nothing(owner, group):
    client = Client(owner).sync().sync()
    assert client.answers[-1] | {"epoch": ""} == {"epoch": "", "conversations": [], "removed": []}


def test_what_was_missed_comes_in_portions_without_a_gap(owner, group):
    client = Client(owner).sync()
    say(owner, group, 450)
    client.sync()
    assert len(client.answers) == 4
    assert client.seqs(group) == list(range(1, 453))


def test_a_change_of_an_old_message_comes_as_a_version(owner, group):
    [old, *_] = say(owner, group, 60)
    client = Client(owner).sync()
    version, _ = timeline.draw_version(conversation_id=group.pk)
    Message.objects.filter(id=old).update(
        is_deleted=True, deleted_at=timezone.now(), content="gone", version=version, search=None
    )
    client.sync()
    [entry] = client.answers[-1]["conversations"]
    assert [message["id"] for message in entry["messages"]] == [old]
    assert (entry["messages"][0]["is_deleted"], entry["messages"][0]["content"]) == (True, "")


def test_who_is_more_than_a_thousand_versions_behind_begins_anew(owner, group):
    client = Client(owner).sync()
    say(owner, group, 1001)
    client.sync()
    [entry] = client.answers[-1]["conversations"]
    assert (entry["reset"], entry["has_more"], len(entry["messages"])) == (True, False, 50)
    assert client.seqs(group) == list(range(954, 1004))


@pytest.mark.parametrize("claim", [{"epoch": "another"}, {"ahead": 5}])
def test_what_a_client_of_another_database_holds_counts_for_nothing(owner, group, claim):
    client = Client(owner).sync()
    client.versions[group.pk] += claim.get("ahead", 0)
    answer = client.api.post("sync", {"versions": client.versions, "epoch": claim.get("epoch")}).json()
    [entry] = answer["conversations"]
    assert entry["reset"]
    assert [message["seq"] for message in entry["messages"]] == [1, 2]
    assert answer["epoch"] == client.answers[0]["epoch"]


@pytest.mark.parametrize("hides", [True, False])
def test_who_was_away_while_removed_and_added_again_holds_what_a_member_now_sees(owner, member, group, hides):
    update_conversation(
        actor=owner, conversation_id=group.pk, changes={"settings": {"history_for_new_members": not hides}}
    )
    say(owner, group, 3)
    client = Client(member).sync()
    remove_member(actor=owner, conversation_id=group.pk, user_id=member.pk)
    say(owner, group, 2)
    add_members(actor=owner, conversation_id=group.pk, user_ids=[member.pk])
    say(owner, group, 1)
    client.sync()
    history = client.api.get(f"conversations/{group.pk}/messages").json()["results"]
    assert client.messages[group.pk] == {message["id"]: message for message in history}
    answers = len(client.answers)
    assert not client.sync().answers[answers]["conversations"]


def test_the_own_epoch_changes_nothing(owner, group):
    client = Client(owner).sync()
    client.sync(epoch=client.answers[0]["epoch"])
    assert client.answers[-1]["conversations"] == []


def test_what_is_not_mine_any_more_or_never_was_is_removed(owner, member, outsider, group):
    client = Client(member).sync()
    foreign = create_conversation(creator=outsider, type="GROUP", title="theirs")[0]
    remove_member(actor=owner, conversation_id=group.pk, user_id=member.pk)
    versions = {group.pk: 1, foreign: 1, "c" + "0" * 24: 1, "no id": 1}
    answer = client.api.post("sync", {"versions": versions}).json()
    assert answer["removed"] == sorted(versions)
    assert answer["conversations"] == []


def test_states_tell_of_reading_and_settings_though_no_version_moved(owner, member, group):
    sent, _ = send(owner, group)
    client = Client(owner).sync()
    Api.of(member).post(f"conversations/{group.pk}/read", {"message_id": sent["id"]})
    ConversationMember.objects.filter(conversation=group, user=owner).update(is_pinned=True, draft="half a thou")
    client.sync(states=True)
    assert client.answers[-1]["conversations"] == []
    state = client.answers[-1]["states"][group.pk]
    assert (state["is_pinned"], state["draft"], state["unread_count"]) == (True, "half a thou", 0)
    assert (state["others_read_seq"], state["others_delivered_seq"]) == (sent["seq"], sent["seq"])
    member.privacy_settings = {**member.privacy_settings, "read_receipts": False}
    member.save()
    client.sync(states=True)
    state = client.answers[-1]["states"][group.pk]
    assert (state["others_read_seq"], state["others_delivered_seq"]) == (0, sent["seq"])


def test_an_answer_is_bounded_and_what_follows_it_brings_the_rest(owner):
    made = groups(owner, 12)
    client = Client(owner).sync()
    for conversation in made:
        say(owner, conversation, 250)
    client.sync()
    assert max(sum(len(entry["messages"]) for entry in answer["conversations"]) for answer in client.answers) < 2100
    for conversation in made:
        assert client.seqs(conversation) == list(range(1, 252))


def test_very_many_new_conversations_come_whole_each_with_its_newest_message(owner):
    made = groups(owner, 45)
    for conversation in made:
        say(owner, conversation, 50)
    client = Client(owner).sync()
    assert len(client.answers) == 1
    for conversation in made:
        assert client.seqs(conversation)[-1] == 51
        assert client.seqs(conversation) == list(range(52 - len(client.seqs(conversation)), 52))


@pytest.mark.parametrize("count", [2, 30])
def test_a_sync_costs_the_same_however_much_it_brings(owner, count, django_assert_max_num_queries):
    made = groups(owner, count)
    client = Client(owner).sync()
    for conversation in made:
        say(owner, conversation, 5)
    create_conversation(creator=owner, type="GROUP", title="new")
    with django_assert_max_num_queries(9):
        client.sync(states=True)
    assert len(client.answers[-1]["conversations"]) == count + 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"versions": []},
        {"versions": {"x": -1}},
        {"versions": {"x": 1.5}},
        {"versions": {"x": True}},
        {"versions": {"x": None}},
        {"versions": {f"c{number:024}": 1 for number in range(1001)}},
        {"versions": {}, "states": 1},
        {"versions": {}, "epoch": 5},
        {"versions": {}, "since": 5},
    ],
    ids=repr,
)
def test_a_bad_sync_is_400(owner, body):
    answer = Api.of(owner).post("sync", body)
    assert answer.status_code == 400
    assert answer.json()["errors"]


async def test_an_answer_larger_than_a_sockets_queue_comes_whole(live_chat, owner, group):
    async with opened(live_chat, owner) as socket:
        state = (await socket.command("sync", versions={}))["data"]["conversations"]
        held = {entry["conversation"]["id"]: entry["conversation"]["version"] for entry in state}
        # More bytes than a frame may have that a client sends, and more than may wait for a reader.
        await sync_to_async(say)(owner, group, 150, "\N{SNOWMAN}" * 4096)
        other = (await sync_to_async(groups)(owner, 1))[0]
        await sync_to_async(say)(owner, other, 150, "x" * 4096)
        reply = await socket.command("sync", versions=held)
        assert {len(entry["messages"]) for entry in reply["data"]["conversations"]} == {150, 50}
        assert (await socket.command("ping"))["ok"]

"""Reactions: any emoji and nothing else, a bounded number, and as much of who reacted as may be known."""

from urllib.parse import quote

import pytest
from django.utils import timezone

from chat_project.core.errors import NotAllowedError
from conversations.models import Conversation, ConversationMember
from conversations.services import add_members, create_conversation, open_dm, set_archived, update_conversation
from conversations.services.pairs import block_person
from messaging.emoji import _emoji
from messaging.errors import TooManyReactionsError
from messaging.models import Message, MessageReaction
from messaging.services import set_reaction, unset_reaction
from messaging.services.reactions import KINDS_MAX
from tests.accounts.clients import Api
from tests.clients import opened
from tests.factories import UserFactory
from tests.messaging.drafting import send
from tests.threads import at_once

KINDS = sorted(_emoji())[:40]
THUMB, HEART, FIRE = "👍", "❤️", "🔥"


@pytest.fixture
def said(group, owner):
    """A message of the owner's in the group."""
    return send(owner, group)[0]


@pytest.fixture
def channel(owner, member):
    """A channel that the member reads."""
    conversation_id, _ = create_conversation(creator=owner, type="CHANNEL", title="News", member_ids=[member.pk])
    return Conversation.objects.get(pk=conversation_id)


def react(user, message, emoji, change=set_reaction):
    return change(actor_id=user.pk, conversation_id=message["conversation_id"], message_id=message["id"], emoji=emoji)


def path_of(message, emoji=""):
    base = f"conversations/{message['conversation_id']}/messages/{message['id']}/reactions"
    return f"{base}/{quote(emoji, safe='')}" if emoji else base


def who_reacted(viewer, message, **query):
    text = "&".join(f"{name}={quote(str(value))}" for name, value in query.items())
    answer = Api.of(viewer).get(f"{path_of(message)}?{text}")
    assert answer.status_code == 200
    return answer.json()


def version_of(group):
    return Conversation.objects.values_list("version", flat=True).get(pk=group.pk)


def fill(group, message, kinds):
    """Let as many people as it takes react with these kinds."""
    for number in range(0, len(kinds), 3):
        person = UserFactory()
        ConversationMember.objects.create(conversation=group, user=person)
        MessageReaction.objects.bulk_create(
            MessageReaction(conversation_id=group.pk, message_id=message["id"], user=person, emoji=emoji)
            for emoji in kinds[number : number + 3]
        )


@pytest.mark.parametrize("emoji", [THUMB, HEART, "#️⃣", "👨‍👩‍👧‍👦", "🇩🇪"])
def test_an_emoji_is_set_and_taken_away_once_each(group, owner, member, said, emoji):
    api = Api.of(member)
    before = version_of(group)
    for _ in range(2):
        answer = api.call("PUT", path_of(said, emoji))
        assert answer.status_code == 200
        assert answer.json()["reactions"] == [{"emoji": emoji, "count": 1, "user_ids": [member.pk]}]
        assert version_of(group) == answer.json()["version"] == before + 1
    for _ in range(2):
        answer = api.delete(path_of(said, emoji))
        assert (answer.status_code, answer.json()["reactions"]) == (200, [])
        assert version_of(group) == answer.json()["version"] == before + 2


@pytest.mark.parametrize("text", ["x", "❤", "👍👍", "1", "%", "👍 ", "\u202e", "x" * 200])
def test_what_is_no_emoji_is_400(member, said, text):
    for method in ("PUT", "DELETE"):
        answer = Api.of(member).call(method, path_of(said, text))
        assert answer.status_code == 400
        assert "emoji" in answer.json()["errors"]


def test_kinds_come_in_the_order_in_which_they_began(owner, member, said):
    react(member, said, HEART)
    react(owner, said, THUMB)
    shown = react(owner, said, HEART)["reactions"]
    assert shown == [
        {"emoji": HEART, "count": 2, "user_ids": [member.pk, owner.pk]},
        {"emoji": THUMB, "count": 1, "user_ids": [owner.pk]},
    ]


def test_one_puts_three_emoji_on_a_message(member, said):
    for emoji in KINDS[:3]:
        react(member, said, emoji)
    answer = Api.of(member).call("PUT", path_of(said, KINDS[3]))
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_reactions")
    react(member, said, KINDS[0], unset_reaction)
    assert len(react(member, said, KINDS[3])["reactions"]) == 3


def test_a_message_takes_twenty_kinds_and_any_number_of_each(group, member, said):
    fill(group, said, KINDS[:KINDS_MAX])
    with pytest.raises(TooManyReactionsError):
        react(member, said, KINDS[KINDS_MAX])
    assert react(member, said, KINDS[0])["reactions"][0]["count"] == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_the_twentieth_kind_at_once_one_is_refused(group, owner, member, said):
    fill(group, said, KINDS[: KINDS_MAX - 1])
    before = version_of(group)
    results = at_once(
        lambda: react(owner, said, KINDS[KINDS_MAX]),
        lambda: react(member, said, KINDS[KINDS_MAX + 1]),
    )
    assert sorted(isinstance(result, TooManyReactionsError) for result in results) == [False, True]
    assert version_of(group) == before + 1
    assert len(set(MessageReaction.objects.values_list("emoji", flat=True))) == KINDS_MAX


@pytest.mark.django_db(transaction=True)
def test_devices_that_react_at_once_count_once_and_a_person_has_three_at_most(group, member, said):
    results = at_once(*(lambda emoji=emoji: react(member, said, emoji) for emoji in KINDS[:5] + KINDS[:1]))
    assert MessageReaction.objects.filter(user=member).count() == 3
    assert all(isinstance(result, (dict, TooManyReactionsError)) for result in results)
    versions = sorted(result["version"] for result in results if isinstance(result, dict))
    assert versions[-1] - versions[0] == 2


def test_where_reactions_are_off_all_are_refused_the_owner_too(group, owner, member, said):
    react(member, said, THUMB)
    update_conversation(actor=owner, conversation_id=group.pk, changes={"settings": {"allow_reactions": False}})
    for user in (owner, member):
        for method in ("PUT", "DELETE"):
            assert Api.of(user).call(method, path_of(said, THUMB)).status_code == 403
    assert MessageReaction.objects.count() == 1


@pytest.mark.parametrize("type", ["GROUP", "CHANNEL"])
@pytest.mark.parametrize("role", ["OWNER", "ADMIN", "MODERATOR", "MEMBER"])
@pytest.mark.parametrize("permission", [None, True, False])
def test_every_role_may_react_unless_it_was_taken_from_them(owner, member, type, role, permission):
    conversation_id, _ = create_conversation(creator=owner, type=type, title="Room", member_ids=[member.pk])
    room = Conversation.objects.get(pk=conversation_id)
    message = send(owner, room)[0]
    user = owner if role == "OWNER" else member
    permissions = {} if permission is None else {"react": permission}
    place = ConversationMember.objects.filter(conversation=room, user=user)
    place.update(permissions=permissions, **({} if role == "OWNER" else {"role": role}))
    allowed = permission is not False or role == "OWNER"
    assert Api.of(user).call("PUT", path_of(message, THUMB)).status_code == (200 if allowed else 403)


def test_a_deleted_message_an_archive_and_a_block_take_no_reaction(group, owner, member, said):
    dm = Conversation.objects.get(pk=open_dm(creator=owner, user_id=member.pk)[0])
    in_dm = send(owner, dm)[0]
    react(member, in_dm, THUMB)
    block_person(blocker=owner, user_id=member.pk)
    for change in (set_reaction, unset_reaction):
        with pytest.raises(NotAllowedError):
            react(member, in_dm, THUMB, change)
    deleted = send(owner, group)[0]
    Message.objects.filter(id=deleted["id"]).update(is_deleted=True, deleted_at=timezone.now(), search=None)
    assert Api.of(member).call("PUT", path_of(deleted, THUMB)).status_code == 404
    set_archived(actor=owner, conversation_id=group.pk, archived=True)
    answer = Api.of(member).call("PUT", path_of(said, THUMB))
    assert (answer.status_code, answer.json()["code"]) == (403, "conversation_archived")


def test_another_conversations_message_and_what_came_before_ones_history_are_404(group, channel, owner, outsider, said):
    foreign = {**said, "conversation_id": channel.pk}
    assert Api.of(owner).call("PUT", path_of(foreign, THUMB)).status_code == 404
    assert Api.of(owner).get(path_of(foreign)).status_code == 404
    update_conversation(actor=owner, conversation_id=group.pk, changes={"settings": {"history_for_new_members": False}})
    add_members(actor=owner, conversation_id=group.pk, user_ids=[outsider.pk])
    assert Api.of(outsider).call("PUT", path_of(said, THUMB)).status_code == 404
    assert Api.of(outsider).get(path_of(said)).status_code == 404


def test_pages_name_everybody_once_the_first_one_first(group, owner, member, said):
    fill(group, said, KINDS[:9])
    react(owner, said, KINDS[0])
    react(member, said, KINDS[0])
    found, cursor = [], None
    while True:
        page = who_reacted(owner, said, limit=4, **({} if cursor is None else {"cursor": cursor}))
        found += [(row["user"]["id"], row["emoji"], row["created_at"]) for row in page["results"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(found) == len(set(found)) == 11
    assert [row[2] for row in found] == sorted(row[2] for row in found)
    with_one = who_reacted(owner, said, emoji=KINDS[0])["results"]
    assert [row["user"]["id"] for row in with_one][1:] == [owner.pk, member.pk]
    assert Api.of(owner).get(f"{path_of(said)}?emoji=x").status_code == 400


def test_large_conversations_name_five(group, owner, member, said):
    Conversation.objects.filter(pk=group.pk).update(member_count=101)
    for number in range(7):
        person = UserFactory()
        MessageReaction.objects.create(
            conversation_id=group.pk, message_id=said["id"], user=person, emoji=KINDS[number // 7]
        )
    shown = Api.of(member).get(f"conversations/{group.pk}/messages/{said['id']}").json()["reactions"]
    assert (shown[0]["count"], len(shown[0]["user_ids"])) == (7, 5)


def test_a_channel_names_nobody_and_its_members_see_themselves_and_its_admins(channel, owner, member, outsider):
    add_members(actor=owner, conversation_id=channel.pk, user_ids=[outsider.pk])
    message = send(owner, channel)[0]
    for user in (owner, member, outsider):
        shown = react(user, message, THUMB)["reactions"]
    assert shown == [{"emoji": THUMB, "count": 3, "user_ids": []}]
    seen = {
        viewer.pk: [row["user"]["id"] for row in who_reacted(viewer, message)["results"]] for viewer in (owner, member)
    }
    assert seen == {owner.pk: [owner.pk, member.pk, outsider.pk], member.pk: [owner.pk, member.pk]}


@pytest.mark.parametrize("count", [2, 20])
def test_reacting_and_reading_who_did_cost_the_same_however_many(
    group, owner, member, said, count, django_assert_num_queries
):
    fill(group, said, KINDS[:count])
    # The membership, the lock and its patience, the message, what stands, the reaction, two for the version, the
    # message as it is then; between the savepoint's two.
    with django_assert_num_queries(11):
        react(member, said, KINDS[0])
    api = Api.of(owner)
    api.get("users/me")
    with django_assert_num_queries(4):
        assert len(api.get(path_of(said)).json()["results"]) == count + 1


async def test_members_hear_of_a_reaction_as_of_a_change_of_the_message(live_chat, owner, member, said):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        names = {"conversation_id": said["conversation_id"], "message_id": said["id"], "emoji": HEART}
        reply = await two.command("reaction.set", **names)
        assert reply["ok"]
        heard = await one.event("message.updated")
        assert (heard["version"], heard["data"]) == (reply["data"]["version"], reply["data"])
        assert heard["data"]["reactions"] == [{"emoji": HEART, "count": 1, "user_ids": [member.pk]}]
        assert (await two.command("reaction.unset", **names))["data"]["reactions"] == []
        assert (await one.event("message.updated"))["data"]["reactions"] == []
        refused = await two.command("reaction.set", **{**names, "emoji": "x"})
        assert refused["error"]["status"] == 400

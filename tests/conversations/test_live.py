"""What the sockets of whom it concerns are told of conversations and members, and those of others are not."""

import asyncio

import pytest
from asgiref.sync import sync_to_async

from conversations.models import Conversation
from conversations.representations import FOREVER
from conversations.services import (
    create_conversation,
    create_invite,
    delete_conversation,
    join_by_invite,
    leave_conversation,
    set_archived,
    transfer_ownership,
    update_conversation,
    update_member,
    update_preferences,
)
from tests.clients import WAIT_SECONDS, opened
from tests.factories import UserFactory
from tests.messaging.drafting import send

SHARED = {
    "id",
    "type",
    "title",
    "description",
    "handle",
    "avatar_url",
    "owner_id",
    "settings",
    "member_count",
    "version",
    "archived_at",
}


async def heard(socket, owner, conversation):
    """Return what a member's socket hears up to a message that the owner sends now."""
    sent, _ = await sync_to_async(send)(owner, conversation, "the end")
    seen = []
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            while socket.events:
                event = socket.events.popleft()
                if event["data"].get("id") == sent["id"]:
                    return seen
                seen.append(event)
            await socket.take()


def names(events):
    return [event["event"] for event in events]


async def test_a_new_title_comes_with_its_own_version_before_the_message_that_tells_of_it(
    live_chat, owner, member, group
):
    async with opened(live_chat, member) as socket:
        await sync_to_async(update_conversation)(
            actor=owner, conversation_id=group.pk, changes={"title": "Walkers", "description": "x"}
        )
        updated, told = await heard(socket, owner, group)
        assert names([updated, told]) == ["conversation.updated", "message.created"]
        assert updated["data"].keys() == SHARED
        assert updated["data"]["title"] == "Walkers"
        assert updated["version"] == updated["data"]["version"] == told["version"] - 1


async def test_what_is_mine_alone_goes_to_my_devices_alone(live_chat, owner, member, group):
    async with opened(live_chat, member) as phone, opened(live_chat, member) as desk, opened(live_chat, owner) as other:
        await sync_to_async(update_preferences)(
            member=member, conversation_id=group.pk, changes={"draft": "hm", "is_pinned": True}
        )
        for socket in (phone, desk):
            event = await socket.event("conversation.updated")
            assert "version" not in event
            assert (event["data"]["draft"], event["data"]["is_pinned"]) == ("hm", True)
            assert "my_permissions" in event["data"]
        assert await heard(other, owner, group) == []


async def test_a_new_role_is_told_to_all_and_what_it_brings_to_that_person(live_chat, owner, member, group):
    async with opened(live_chat, member) as mine, opened(live_chat, owner) as theirs:
        await sync_to_async(update_member)(
            actor=owner, conversation_id=group.pk, user_id=member.pk, changes={"role": "ADMIN"}
        )
        told = {event["event"]: event["data"] for event in await heard(mine, owner, group)}
        assert told.keys() == {"member.updated", "conversation.updated"}
        assert told["member.updated"]["role"] == told["conversation.updated"]["my_role"] == "ADMIN"
        assert told["conversation.updated"]["my_permissions"]["change_info"] is True
        assert names(await heard(theirs, owner, group)) == ["member.updated", "message.created"]


async def test_who_is_banned_hears_of_that_and_of_nothing_more(live_chat, owner, member, group):
    async with opened(live_chat, member) as theirs, opened(live_chat, owner) as mine:
        await sync_to_async(update_member)(
            actor=owner, conversation_id=group.pk, user_id=member.pk, changes={"banned_until": FOREVER}
        )
        event = await theirs.event("conversation.removed")
        assert (event["conversation_id"], event["data"]) == (group.pk, {"reason": "banned"})
        told = await heard(mine, owner, group)
        assert sorted(names(told)) == ["member.left", "message.created"]
        [left] = [event["data"] for event in told if event["event"] == "member.left"]
        assert (left["is_banned"], left["banned_until"]) == (False, None)
        assert (await theirs.command("ping"))["ok"]
        assert not theirs.events
        refused = await theirs.command("message.send", conversation_id=group.pk, content="hello?")
        assert refused["error"]["status"] == 404


async def test_who_joins_is_in_and_the_others_are_told(live_chat, owner, outsider, group):
    invite = await sync_to_async(create_invite)(actor=owner, conversation_id=group.pk)
    async with opened(live_chat, outsider) as theirs, opened(live_chat, owner) as mine:
        await sync_to_async(join_by_invite)(user=outsider, code=invite.code)
        added = await theirs.event("conversation.added")
        assert (added["data"]["id"], added["data"]["my_role"]) == (group.pk, "MEMBER")
        told = {event["event"]: event for event in await heard(mine, owner, group)}
        assert told.keys() == {"message.created", "member.joined"}
        assert told["member.joined"]["data"]["user"]["id"] == outsider.pk
        assert "version" not in told["member.joined"]
        sent, _ = await sync_to_async(send)(owner, group, "welcome")
        while (await theirs.event("message.created"))["data"]["id"] != sent["id"]:
            pass


async def test_archive_and_transfer_are_told_to_all_with_a_version(live_chat, owner, member, group):
    async with opened(live_chat, member) as socket:
        await sync_to_async(set_archived)(actor=owner, conversation_id=group.pk, archived=True)
        archived = await socket.event("conversation.updated")
        assert archived["data"]["archived_at"] is not None
        await sync_to_async(set_archived)(actor=owner, conversation_id=group.pk, archived=False)
        assert (await socket.event("conversation.updated"))["version"] == archived["version"] + 1
        await sync_to_async(transfer_ownership)(owner=owner, conversation_id=group.pk, user_id=member.pk)
        told = [event for event in await heard(socket, owner, group) if event["event"] == "conversation.updated"]
        own = [event["data"]["my_role"] for event in told if "version" not in event]
        shared = [(event["version"], event["data"]["owner_id"]) for event in told if "version" in event]
        assert (own, shared) == (["OWNER"], [(archived["version"] + 2, member.pk)])


async def test_a_deleted_conversation_is_taken_from_everybody(live_chat, owner, member, group):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        await sync_to_async(delete_conversation)(owner=owner, conversation_id=group.pk)
        for socket in (one, two):
            event = await socket.event("conversation.removed")
            assert (event["conversation_id"], event["data"]) == (group.pk, {"reason": "deleted"})
            assert (await socket.command("sync", versions={group.pk: 1}))["data"]["removed"] == [group.pk]


@pytest.fixture
def channel(owner, member):
    """A channel with one reader."""
    conversation_id, _ = create_conversation(creator=owner, type="CHANNEL", title="News", member_ids=[member.pk])
    return Conversation.objects.get(pk=conversation_id)


async def test_readers_of_a_channel_hear_nothing_of_each_other(live_chat, owner, member, outsider, channel):
    invite = await sync_to_async(create_invite)(actor=owner, conversation_id=channel.pk)
    other = await sync_to_async(UserFactory)()
    async with opened(live_chat, member) as reader, opened(live_chat, owner) as mine:
        await sync_to_async(join_by_invite)(user=outsider, code=invite.code)
        await sync_to_async(join_by_invite)(user=other, code=invite.code)
        changes = {"permissions": {"react": False}}
        await sync_to_async(update_member)(
            actor=owner, conversation_id=channel.pk, user_id=outsider.pk, changes=changes
        )
        await sync_to_async(leave_conversation)(member=other, conversation_id=channel.pk)
        assert names(await heard(reader, owner, channel)) == []
        told = [(event["event"], event["data"]["user"]["id"]) for event in (await heard(mine, owner, channel))[:4]]
        assert told == [
            ("member.joined", outsider.pk),
            ("member.joined", other.pk),
            ("member.updated", outsider.pk),
            ("member.left", other.pk),
        ]


async def test_readers_of_a_channel_hear_who_runs_it(live_chat, owner, member, outsider, channel):
    invite = await sync_to_async(create_invite)(actor=owner, conversation_id=channel.pk)
    await sync_to_async(join_by_invite)(user=outsider, code=invite.code)
    roles = ["MODERATOR", "ADMIN", "MEMBER"]
    async with opened(live_chat, member) as reader:
        for role in roles:
            await sync_to_async(update_member)(
                actor=owner, conversation_id=channel.pk, user_id=outsider.pk, changes={"role": role}
            )
        told = [
            (event["event"], event["data"]["role"], event["data"]["invited_by"])
            for event in await heard(reader, owner, channel)
        ]
        assert told == [("member.updated", "ADMIN", None), ("member.updated", "MEMBER", None)]


async def test_readers_who_manage_members_by_default_hear_of_each_other(live_chat, owner, member, outsider, channel):
    settings = {"default_permissions": {"manage_members": True}}
    await sync_to_async(update_conversation)(actor=owner, conversation_id=channel.pk, changes={"settings": settings})
    invite = await sync_to_async(create_invite)(actor=owner, conversation_id=channel.pk)
    async with opened(live_chat, member) as reader:
        await sync_to_async(join_by_invite)(user=outsider, code=invite.code)
        assert names(await heard(reader, owner, channel)) == ["member.joined"]

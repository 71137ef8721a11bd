"""Who is seen coming and going, over real sockets."""

import asyncio

import pytest
from asgiref.sync import sync_to_async

from accounts.events import user_updated
from accounts.models import BlockedUser, ContactRequest, User
from accounts.services.contacts import accept_request, request_contact
from accounts.services.privacy import update_privacy
from chat_project.core.db.cuid import new_cuid
from chat_project.core.realtime.publish import publish
from conversations.services.pairs import block_person, end_contact, unblock_person
from tests.clients import opened
from tests.factories import UserFactory
from tests.messaging.test_processes import opened_at

PROMPT = 2.0

privacy = sync_to_async(update_privacy)
block = sync_to_async(block_person)
unblock = sync_to_async(unblock_person)


@pytest.fixture
def stranger(db):
    """Somebody who shares nothing with the others."""
    return UserFactory(username="stranger")


async def watch(socket, *people):
    reply = await socket.command("presence.watch", user_ids=[getattr(each, "pk", each) for each in people])
    assert reply["ok"], reply
    return {each["user_id"]: each["online"] for each in reply["data"]["results"]}


async def told(socket, user):
    """Return what the socket is told next of somebody's presence, within two seconds."""
    async with asyncio.timeout(PROMPT):
        event = await socket.event("presence")
    assert event.keys() == {"type", "event", "data"}
    assert event["data"]["user_id"] == user.pk
    return event["data"]["online"]


async def nothing_told(socket):
    await asyncio.sleep(0)
    await socket.command("ping")
    return not [event for event in socket.events if event["event"] == "presence"]


async def test_who_comes_and_goes_is_seen_within_two_seconds(live_chat, owner, member):
    async with opened(live_chat, owner) as one:
        assert await watch(one, member) == {member.pk: False}
        async with opened(live_chat, member):
            assert await told(one, member) is True
            async with opened(live_chat, member):
                pass
        event = await one.event("presence")
        assert event["data"]["online"] is False
        assert event["data"]["last_seen_at"].endswith(":00.000000Z")
    row = await User.objects.aget(pk=member.pk)
    assert row.last_seen_at is not None


async def test_the_reply_says_how_people_are_and_a_new_list_replaces_the_old(live_chat, owner, member, stranger):
    async with opened(live_chat, owner) as one, opened(live_chat, member):
        assert await watch(one, member, stranger, member) == {member.pk: True, stranger.pk: False}
        assert await watch(one, stranger, owner) == {stranger.pk: False, owner.pk: True}
        async with opened(live_chat, stranger):
            assert await told(one, stranger) is True
    async with opened(live_chat, owner) as one:
        await watch(one, member)
        await watch(one)
        async with opened(live_chat, member), opened(live_chat, stranger) as other:
            await watch(other, member)
            assert await nothing_told(one)


async def test_hidden_blocked_unknown_and_closed_answer_alike(live_chat, owner, member, stranger):
    hiding, blocking, closed = await sync_to_async(lambda: [UserFactory() for _ in range(3)])()
    await privacy(user=hiding, changes={"last_seen": "nobody"})
    await block(blocker=blocking, user_id=owner.pk)
    await block(blocker=owner, user_id=stranger.pk)
    await User.objects.filter(pk=closed.pk).aupdate(is_active=False, username=None, email=None)
    ids = [hiding.pk, blocking.pk, stranger.pk, closed.pk, new_cuid(), "anybody", ""]
    async with (
        opened(live_chat, hiding),
        opened(live_chat, blocking),
        opened(live_chat, stranger),
        opened(live_chat, owner) as one,
    ):
        reply = await one.command("presence.watch", user_ids=ids)
        assert reply["data"]["results"] == [{"user_id": each, "online": None, "last_seen_at": None} for each in ids]
    assert await nothing_told_of(live_chat, owner, hiding)


async def nothing_told_of(chat, viewer, hiding):
    async with opened(chat, viewer) as one:
        await watch(one, hiding, viewer)
        async with opened(chat, hiding) as two:
            # By the time that a third person's coming is told, so would theirs have been.
            await watch(two, viewer)
        return await nothing_told(one)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "user_ids"),
        ({"user_ids": "x"}, "user_ids"),
        ({"user_ids": [5]}, "user_ids"),
        ({"user_ids": ["x"] * 201}, "user_ids"),
        ({"user_ids": [], "colour": "red"}, "colour"),
    ],
)
async def test_what_is_wrong_with_a_list_is_named(live_chat, owner, data, field):
    async with opened(live_chat, owner) as one:
        reply = await one.command("presence.watch", **data)
        assert (reply["ok"], reply["error"]["status"], list(reply["error"]["errors"])) == (False, 400, [field])


async def test_a_change_of_privacy_is_judged_at_once_both_ways(live_chat, owner, member):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        await watch(one, member)
        await watch(two, owner)
        await privacy(user=member, changes={"last_seen": "contacts"})
        assert await told(one, member) is None
        # Who hides their own from somebody does not see that person's.
        assert await told(two, owner) is None
        await privacy(user=member, changes={"exceptions": {"last_seen": {"always": [owner.pk]}}})
        assert await told(one, member) is True
        assert await told(two, owner) is True
        await privacy(user=member, changes={"exceptions": {"last_seen": {"never": [owner.pk]}}})
        assert await told(one, member) is None


async def test_a_block_is_judged_at_once_both_ways(live_chat, owner, member):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        await watch(one, member)
        await watch(two, owner)
        await block(blocker=owner, user_id=member.pk)
        assert await told(one, member) is None
        assert await told(two, owner) is None
        await unblock(blocker=owner, user_id=member.pk)
        assert await told(one, member) is True
        assert await told(two, owner) is True


async def test_a_contact_is_judged_at_once(live_chat, owner, member):
    await privacy(user=member, changes={"last_seen": "contacts"})
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        assert await watch(one, member) == {member.pk: None}
        row, _ = await sync_to_async(request_contact)(sender=owner, username=member.username, message="Hello")
        for socket in (one, two):
            request = (await socket.event("contact.request"))["data"]
            assert (request["id"], request["status"], request["message"]) == (row.pk, "PENDING", "Hello")
        await sync_to_async(accept_request)(user=member, request_id=row.pk)
        for socket, other in ((one, member), (two, owner)):
            event = await socket.event("contact.updated")
            assert event["data"] == {"user_id": other.pk, "is_contact": True}
        assert await told(one, member) is True
        await sync_to_async(end_contact)(user=owner, user_id=member.pk)
        assert await told(one, member) is None


async def test_a_request_to_who_blocked_the_sender_is_told_to_the_sender_alone(live_chat, owner, member):
    await block(blocker=member, user_id=owner.pk)
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        await sync_to_async(request_contact)(sender=owner, username=member.username)
        assert (await one.event("contact.request"))["data"]["status"] == "PENDING"
        await two.command("ping")
        assert not two.events


async def test_who_is_blocked_hears_no_more_than_that_a_contact_ended(live_chat, owner, member):
    await ContactRequest.objects.acreate(from_user=owner, to_user=member, status="ACCEPTED")
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        await block(blocker=owner, user_id=member.pk)
        assert (await one.event("contact.updated"))["data"] == {"user_id": member.pk, "is_contact": False}
        assert (await two.event("contact.updated"))["data"] == {"user_id": owner.pk, "is_contact": False}
    await BlockedUser.objects.all().adelete()
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        await block(blocker=owner, user_id=member.pk)
        await one.event("contact.updated")
        await two.command("ping")
        assert not two.events


async def test_presence_crosses_processes_and_outlives_one_socket_of_two(live_chat, owner, member):
    await asyncio.to_thread(live_chat.ensure_running, 2)
    first, second = live_chat.processes
    async with opened_at(live_chat, first, owner) as one:
        await watch(one, member)
        async with opened_at(live_chat, second, member):
            assert await told(one, member) is True
            async with opened_at(live_chat, first, member):
                pass
            await privacy(user=member, changes={"last_seen": "nobody"})
            assert await told(one, member) is None
            await privacy(user=member, changes={"last_seen": "everybody"})
            assert await told(one, member) is True
        assert await told(one, member) is False


async def test_a_new_name_is_told_to_who_shares_a_conversation(live_chat, owner, member, group, stranger):

    async with (
        opened(live_chat, owner) as one,
        opened(live_chat, member) as two,
        opened(live_chat, stranger) as three,
    ):
        await User.objects.filter(pk=member.pk).aupdate(display_name="Milan the Second")
        event = user_updated(await User.objects.aget(pk=member.pk))
        await sync_to_async(publish)(event)
        for socket in (one, two):
            heard = (await socket.event("user.updated"))["data"]
            assert heard == {
                "id": member.pk,
                "username": "milan",
                "display_name": "Milan the Second",
                "avatar_url": None,
            }
        await three.command("ping")
        assert not three.events

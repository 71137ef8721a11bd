"""A DM whose two people are parted while their sockets are open and warm."""

import pytest
from asgiref.sync import sync_to_async

from accounts.models import ContactRequest
from accounts.services.privacy import update_privacy
from conversations.services import open_dm
from conversations.services.pairs import block_person, end_contact, unblock_person
from messaging.web.pages import pane
from tests.clients import opened

block = sync_to_async(block_person)
unblock = sync_to_async(unblock_person)


@pytest.fixture
def dm(owner, member):
    """A DM in which each has written, and whose rights stand in no cache yet."""
    conversation_id, _ = open_dm(creator=owner, user_id=member.pk)
    return conversation_id


async def say(socket, dm):
    return await socket.command("message.send", conversation_id=dm, content="hi")


async def type_(socket, dm):
    return await socket.command("typing", conversation_id=dm, action="cancel")


async def test_a_block_stops_warm_sockets_both_ways_at_once_and_its_end_lets_them_go_on(live_chat, owner, member, dm):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        for _ in range(2):
            for socket in (one, two):
                assert (await say(socket, dm))["ok"]
                assert (await type_(socket, dm))["ok"]
        last = (await say(two, dm))["data"]
        await block(blocker=owner, user_id=member.pk)
        await one.event("contact.updated")
        for socket in (one, two):
            for refused in (await say(socket, dm), await type_(socket, dm)):
                assert (refused["ok"], refused["error"]["status"], refused["error"]["code"]) == (
                    False,
                    403,
                    "not_allowed",
                )
        two.events.clear()
        assert (await one.command("read", conversation_id=dm, message_id=last["id"]))["ok"]
        await two.command("ping")
        assert not two.events
        await unblock(blocker=owner, user_id=member.pk)
        await one.event("contact.updated")
        for socket in (one, two):
            assert (await type_(socket, dm))["ok"]
            assert (await say(socket, dm))["ok"]


async def test_who_was_a_contact_is_judged_as_a_stranger_by_the_next_send(live_chat, owner, member, dm):
    await ContactRequest.objects.acreate(from_user=owner, to_user=member, status="ACCEPTED")
    await sync_to_async(update_privacy)(user=member, changes={"direct_messages": "contacts"})
    async with opened(live_chat, owner) as one:
        for _ in range(2):
            assert (await say(one, dm))["ok"]
        await sync_to_async(end_contact)(user=member, user_id=owner.pk)
        await one.event("contact.updated")
        assert (await say(one, dm))["error"]["code"] == "not_allowed"
        await sync_to_async(update_privacy)(user=member, changes={"direct_messages": "everybody"})
        # A stranger's message counts, and so do those of before.
        assert (await say(one, dm))["ok"]


async def test_a_block_takes_all_rights_from_both_and_the_devices_of_who_blocks_hear_of_it(
    live_chat, owner, member, dm
):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        await block(blocker=owner, user_id=member.pk)
        told = (await one.event("conversation.updated"))["data"]
        assert not any(told["my_permissions"].values())
        await two.command("ping")
        assert not [frame for frame in two.events if frame["event"].startswith("conversation.")]
        for socket in (one, two):
            (entry,) = (await socket.command("sync", versions={}))["data"]["conversations"]
            assert not any(entry["conversation"]["my_permissions"].values())
        await unblock(blocker=owner, user_id=member.pk)
        for socket in (one, two):
            rights = (await socket.event("conversation.updated"))["data"]["my_permissions"]
            assert (rights["send_messages"], rights["react"]) == (True, True)


@pytest.mark.django_db
def test_who_blocked_reads_why_they_cannot_write_and_the_blocked_no_more_than_that_they_cannot(owner, member, dm):
    block_person(blocker=owner, user_id=member.pk)
    assert pane(owner, dm)["closed"] == "You have blocked this person."
    assert pane(member, dm)["closed"] == "You may not write here."

"""Who is told what, in which order, and what happens when a word is lost on its way."""

import asyncio
import json
import socket as sockets
from contextlib import AsyncExitStack

import pytest
from asgiref.sync import sync_to_async
from django.db.models import F
from django.utils import timezone
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from chat_project.core.realtime.publish import publish
from conversations.models import Conversation, ConversationMember
from conversations.services import add_members
from messaging import timeline
from tests.clients import WAIT_SECONDS, RestClient, opened, signed_in
from tests.messaging.drafting import send
from tests.messaging.publishing import OtherProcess, happening

send_as_rest = sync_to_async(send)
happened = sync_to_async(happening)


async def rest_of(chat, user):
    return RestClient(chat, (await sync_to_async(signed_in)(user)).tokens.access)


async def events_until(socket, content):
    """Return the events before the message of this content, which somebody sends now."""
    seen = []
    while True:
        while socket.events:
            event = socket.events.popleft()
            if event["event"] == "message.created" and event["data"]["content"] == content:
                return seen
            seen.append(event)
        async with asyncio.timeout(WAIT_SECONDS):
            await socket.take()


@pytest.fixture
def elsewhere():
    """Another process."""
    return OtherProcess()


@pytest.fixture
def newcomer(group, owner, outsider):
    """Somebody who joined a group that hides what came before."""
    old, _ = send(owner, group, "before your time")
    Conversation.objects.filter(pk=group.pk).update(settings={"history_for_new_members": False})
    add_members(actor=owner, conversation_id=group.pk, user_ids=[outsider.pk])
    outsider.old = old
    return outsider


async def test_a_newcomer_hears_of_a_change_before_their_time_without_its_content(
    live_chat, owner, member, group, newcomer
):
    version, _ = await sync_to_async(timeline.draw_version)(conversation_id=group.pk)
    data = {**newcomer.old, "version": version, "content": "changed"}
    changed = await happened(group, version=version, seq=newcomer.old["seq"], data=data)
    async with opened(live_chat, member) as one, opened(live_chat, newcomer) as two:
        await sync_to_async(publish)(changed)
        assert (await one.event("message.updated"))["data"] == data
        assert await two.event("version") == {
            "type": "event",
            "event": "version",
            "conversation_id": group.pk,
            "version": version,
        }


async def test_a_newcomer_sees_no_quote_of_what_came_before_their_time(live_chat, owner, member, group, newcomer):
    async with opened(live_chat, member) as one, opened(live_chat, newcomer) as two:
        reply = await one.command(
            "message.send", conversation_id=group.pk, content="as you said", reply_to_id=newcomer.old["id"]
        )
        told, told_newcomer = await one.event("message.created"), await two.event("message.created")
        assert told["data"]["reply_to"]["content"] == "before your time"
        assert told_newcomer["data"] == {**reply["data"], "reply_to": None}
        rest = await rest_of(live_chat, newcomer)
        path = f"conversations/{group.pk}/messages/{reply['data']['id']}"
        assert await asyncio.to_thread(rest.call, "GET", path) == (200, told_newcomer["data"])
        for data in ({"reply_to_id": newcomer.old["id"]}, {"reply_to_id": newcomer.old["id"], "client_id": "x"}):
            refused = await two.command("message.send", conversation_id=group.pk, content="what?", **data)
            assert refused["error"]["code"] == "reply_target_invalid"


async def test_an_event_for_some_members_reaches_no_other(live_chat, owner, member, group):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        await sync_to_async(publish)(await happened(group, "member.updated", only=(owner.pk,)))
        assert (await one.event("member.updated"))["conversation_id"] == group.pk
        await one.command("message.send", conversation_id=group.pk, content="the end")
        assert await events_until(two, "the end") == []


async def test_a_removed_person_hears_nothing_though_the_word_of_it_was_lost(live_chat, owner, member, group):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        await one.command("message.send", conversation_id=group.pk, content="warm")
        await two.event("message.created")
        await sync_to_async(remove_unsaid)(group, member)
        sent = await send_as_rest(owner, group, "between us")
        assert (await one.event("message.created"))["data"]["content"] == "warm"
        assert (await one.event("message.created"))["data"] == sent[0]
        reply = await two.command("message.send", conversation_id=group.pk, content="am I still here?")
        assert reply["error"]["status"] == 404
        assert not two.events


async def test_a_send_judged_by_old_rights_is_judged_anew(live_chat, owner, member, group):
    async with opened(live_chat, member) as socket:
        assert (await socket.command("message.send", conversation_id=group.pk, content="warm"))["ok"]
        await sync_to_async(change_unsaid)(group)
        reply = await socket.command("message.send", conversation_id=group.pk, content="nothing changed for me")
        assert reply["ok"]
        await sync_to_async(change_unsaid)(group, member, permissions={"send_messages": False})
        reply = await socket.command("message.send", conversation_id=group.pk, content="but now")
        assert (reply["error"]["status"], reply["error"]["code"]) == (403, "not_allowed")


async def test_a_newcomer_is_told_though_the_word_of_it_was_lost(live_chat, owner, outsider, group):
    async with opened(live_chat, owner) as one, opened(live_chat, outsider) as two:
        await one.command("message.send", conversation_id=group.pk, content="warm")
        await one.event("message.created")
        await sync_to_async(join_unsaid)(group, outsider)
        await one.command("message.send", conversation_id=group.pk, content="welcome")
        assert (await two.event("message.created"))["data"]["content"] == "welcome"


def change_unsaid(conversation, member=None, **values):
    """Change rights as a service does whose publish is lost."""
    if member is not None:
        ConversationMember.objects.filter(conversation=conversation, user=member).update(**values)
    Conversation.objects.filter(pk=conversation.pk).update(members_version=F("members_version") + 1)


def remove_unsaid(conversation, member):
    change_unsaid(conversation, member, is_active=False, left_at=timezone.now(), left_reason="REMOVED")


def join_unsaid(conversation, user):
    ConversationMember.objects.create(conversation=conversation, user=user)
    change_unsaid(conversation)


async def test_a_publish_that_is_missing_has_every_socket_sync(live_chat, elsewhere, owner, member, outsider, group):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two, opened(live_chat, outsider) as three:
        for _ in range(2):
            elsewhere.publish(group)
        await one.command("message.send", conversation_id=group.pk, content="all is well")
        assert await events_until(two, "all is well") == []
        elsewhere.lose(group)
        elsewhere.publish(group)
        for socket in (one, two, three):
            assert await socket.event("sync.required") == {"type": "event", "event": "sync.required", "data": {}}


async def test_versions_that_arrive_the_wrong_way_round_are_told_in_their_order(
    live_chat, elsewhere, owner, member, group
):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        last = (await one.command("message.send", conversation_id=group.pk, content="now"))["data"]["version"]
        await two.event("message.created")
        events = [await happened(group, version=last + ahead) for ahead in (3, 2, 1)]
        elsewhere.publish(group, *events)
        versions = [(await two.event("message.updated"))["version"] for _ in events]
        assert versions == [last + 1, last + 2, last + 3]


async def test_a_version_whose_predecessor_never_comes_is_told_all_the_same(live_chat, elsewhere, owner, member, group):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        last = (await one.command("message.send", conversation_id=group.pk, content="now"))["data"]["version"]
        events = [await happened(group, version=last + ahead) for ahead in (5, 3)]
        elsewhere.publish(group, *events)
        assert [(await two.event("message.updated"))["version"] for _ in events] == [last + 3, last + 5]
        late = await happened(group, version=last + 4)
        elsewhere.publish(group, late)
        assert (await two.event("message.updated"))["version"] == last + 4


async def test_a_reader_that_stays_behind_is_closed_with_4408_and_holds_up_nobody(
    live_chat, elsewhere, owner, member, group
):
    # More than the kernel's buffers and the outbox hold.
    count, told = 80, await happened(group, "member.updated", data={"content": "x" * 100_000})
    access = (await sync_to_async(signed_in)(member)).tokens.access
    narrow = sockets.socket()
    narrow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    narrow.connect(("127.0.0.1", live_chat.port))
    slow_reader = connect(
        live_chat.socket_url, subprotocols=["bearer", access], sock=narrow, max_queue=1, compression=None
    )
    async with opened(live_chat, owner) as good, slow_reader as slow:
        for _ in range(count):
            elsewhere.publish(group, told)
            assert (await good.event("member.updated"))["data"] == told.data
        frames = []
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(WAIT_SECONDS):
                while True:
                    frames.append(json.loads(await slow.recv()))
        assert closed.value.rcvd.code == 4408
        assert len(frames) < count


async def test_a_session_has_at_most_ten_sockets(live_chat, member):
    access = (await sync_to_async(signed_in)(member)).tokens.access
    async with AsyncExitStack() as stack:
        held = [await stack.enter_async_context(opened(live_chat, member, access=access)) for _ in range(10)]
        with pytest.raises(InvalidStatus) as refused:
            async with opened(live_chat, member, access=access):
                pass
        assert refused.value.response.status_code == 403
        async with opened(live_chat, member) as other_session:
            assert (await other_session.command("ping"))["ok"]
        await held[0].connection.close()
        async with opened(live_chat, member, access=access) as again:
            assert (await again.command("ping"))["ok"]


async def test_commands_that_come_too_fast_are_refused_and_then_close_with_1008(live_chat, member):
    async with opened(live_chat, member) as socket:
        refusals = 0
        with pytest.raises(ConnectionClosed) as closed:
            for number in range(400):
                await socket.connection.send(json.dumps({"id": str(number), "command": "ping"}))
            while True:
                reply = json.loads(await socket.connection.recv())
                refusals += reply.get("error", {}).get("status") == 429
        assert closed.value.rcvd.code == 1008

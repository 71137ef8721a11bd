"""The socket, on a real server."""

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts.services.sessions import end_session
from conversations.services import add_members, open_dm, remove_member
from moderation.models import AuditLog
from tests.clients import WAIT_SECONDS, RestClient, opened, signed_in
from tests.messaging.drafting import locked


async def test_hello_names_the_person_and_the_session(live_chat, member):
    token = await sync_to_async(signed_in)(member)
    async with opened(live_chat, member, access=token.tokens.access) as socket:
        assert socket.hello["type"] == "hello"
        assert socket.hello["user_id"] == member.pk
        assert socket.hello["session_id"] == token.session.pk
        assert socket.hello["heartbeat_seconds"] > 0
        assert socket.hello["epoch"]
        assert socket.connection.subprotocol == "bearer"


async def test_two_people_chat(live_chat, owner, member, group):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        reply = await one.command("message.send", conversation_id=group.pk, content="Saturday?", client_id="a")
        assert reply["ok"]
        assert (await two.event("message.created"))["data"] == reply["data"]
        assert (await one.event("message.created"))["version"] == reply["data"]["version"]
        answer = await two.command(
            "message.send", conversation_id=group.pk, content="Yes!", reply_to_id=reply["data"]["id"]
        )
        assert (await one.event("message.created"))["data"]["reply_to"]["content"] == "Saturday?"
        assert answer["data"]["seq"] == reply["data"]["seq"] + 1


async def test_what_is_sent_over_rest_reaches_sockets(live_chat, owner, member, group):
    rest = RestClient(live_chat, (await sync_to_async(signed_in)(owner)).tokens.access)
    async with opened(live_chat, member) as socket:
        status, message = await asyncio.to_thread(
            rest.call, "POST", f"conversations/{group.pk}/messages", {"content": "hello"}
        )
        assert status == 201
        assert (await socket.event("message.created"))["data"] == message


async def test_what_a_command_does_is_audited_with_where_it_came_from(live_chat, owner, member, group):
    async with opened(live_chat, owner) as socket, opened(live_chat, member) as other:
        sent = [await other.command("message.send", conversation_id=group.pk, content=text) for text in ("a", "b")]
        for reply in sent:
            key = {"conversation_id": group.pk, "message_id": reply["data"]["id"]}
            assert (await socket.command("message.delete", **key))["ok"]
    rows = [row async for row in AuditLog.objects.filter(action="message.deleted", actor_id=owner.pk)]
    assert len({row.request_id for row in rows} - {""}) == len(rows) == 2
    assert {row.ip_address for row in rows} == {"127.0.0.1"}
    assert all("websockets" in row.user_agent for row in rows)


async def test_a_repeated_client_id_is_answered_with_the_first_message_and_told_once(live_chat, owner, member, group):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        first = await one.command("message.send", conversation_id=group.pk, content="once", client_id="x")
        again = await one.command("message.send", conversation_id=group.pk, content="twice", client_id="x")
        await one.command("message.send", conversation_id=group.pk, content="other", client_id="y")
        assert again["data"] == first["data"]
        assert (await two.event("message.created"))["data"]["content"] == "once"
        assert (await two.event("message.created"))["data"]["content"] == "other"


async def test_messages_of_one_socket_keep_their_order(live_chat, owner, group):
    async with opened(live_chat, owner) as socket:
        for number in range(30):
            frame = {"conversation_id": group.pk, "content": str(number)}
            await socket.connection.send(json.dumps({"id": f"n{number}", "command": "message.send", "data": frame}))
        replies = [await socket.reply(f"n{number}") for number in range(30)]
        seqs = [reply["data"]["seq"] for reply in replies]
        assert seqs == list(range(seqs[0], seqs[0] + 30))


async def test_an_outsider_gets_404_and_hears_nothing(live_chat, owner, outsider, group):
    async with opened(live_chat, owner) as one, opened(live_chat, outsider) as two:
        refused = await two.command("message.send", conversation_id=group.pk, content="let me in")
        assert refused["error"]["status"] == 404
        await one.command("message.send", conversation_id=group.pk, content="private")
        await two.command("ping")
        assert not two.events


async def test_reading_moves_on_and_tells_the_sender(live_chat, owner, member, group):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        sent = (await one.command("message.send", conversation_id=group.pk, content="read me"))["data"]
        reply = await two.command("read", conversation_id=group.pk, message_id=sent["id"])
        assert reply["data"] == {"last_read_seq": sent["seq"], "unread_count": 0}
        assert (await two.event("read"))["data"]["message_id"] == sent["id"]
        receipt = await one.event("receipt.read")
        assert receipt["data"] == {"user_id": member.pk, "message_id": sent["id"], "seq": sent["seq"]}
        assert "version" not in receipt


async def test_typing_is_told_once_in_three_seconds(live_chat, owner, member, group):
    async with opened(live_chat, owner) as one, opened(live_chat, member) as two:
        for action in ("cancel", "typing", "typing", "cancel", "cancel", "typing"):
            assert (await one.command("typing", conversation_id=group.pk, action=action))["ok"]
        await one.command("message.send", conversation_id=group.pk, content="done")
        events = []
        while not events or events[-1]["event"] != "message.created":
            while two.events:
                events.append(two.events.popleft())
            if not events or events[-1]["event"] != "message.created":
                await two.take()
        assert [event["event"] for event in events] == ["typing", "typing", "message.created"]
        assert [event["data"] for event in events[:2]] == [
            {"user_id": owner.pk, "action": action} for action in ("typing", "cancel")
        ]


async def test_a_newcomer_is_subscribed_at_once_and_a_removed_person_hears_no_more(live_chat, owner, outsider, group):
    async with opened(live_chat, owner) as one, opened(live_chat, outsider) as two:
        rest = RestClient(live_chat, (await sync_to_async(signed_in)(owner)).tokens.access)
        status, body = await asyncio.to_thread(
            rest.call, "POST", f"conversations/{group.pk}/members", {"user_ids": [outsider.pk]}
        )
        assert status == 200
        assert [added["user"]["id"] for added in body["added"]] == [outsider.pk]
        assert (await two.event("conversation.added"))["data"]["id"] == group.pk
        await one.command("message.send", conversation_id=group.pk, content="welcome")
        while (await two.event("message.created"))["data"]["content"] != "welcome":
            pass
        status, _ = await asyncio.to_thread(rest.call, "DELETE", f"conversations/{group.pk}/members/{outsider.pk}")
        assert status == 204
        assert (await two.event("conversation.removed"))["data"] == {"reason": "removed"}
        await one.command("message.send", conversation_id=group.pk, content="between us")
        await two.command("ping")
        assert not [event for event in two.events if event["event"] == "message.created"]


async def test_membership_that_another_process_changed_is_heard_of(live_chat, owner, outsider, group):
    async with opened(live_chat, owner) as one, opened(live_chat, outsider) as two:
        await sync_to_async(add_members)(actor=owner, conversation_id=group.pk, user_ids=[outsider.pk])
        assert (await two.event("conversation.added"))["conversation_id"] == group.pk
        await sync_to_async(remove_member)(actor=owner, conversation_id=group.pk, user_id=outsider.pk)
        await two.event("conversation.removed")
        await one.command("message.send", conversation_id=group.pk, content="between us")
        await two.command("ping")
        assert not [event for event in two.events if event["event"] == "message.created"]


async def test_sync_brings_what_was_missed(live_chat, owner, member, group):
    async with opened(live_chat, owner) as one:
        async with opened(live_chat, member) as two:
            state = (await two.command("sync", versions={}))["data"]
            held = {entry["conversation"]["id"]: entry["conversation"]["version"] for entry in state["conversations"]}
        sent = [
            (await one.command("message.send", conversation_id=group.pk, content=f"missed {number}"))["data"]
            for number in range(3)
        ]
        async with opened(live_chat, member) as two:
            answer = (await two.command("sync", versions=held, epoch=two.hello["epoch"], states=True))["data"]
            [entry] = answer["conversations"]
            assert entry["messages"] == sent
            assert not entry["has_more"]
            assert answer["removed"] == []
            assert answer["states"][group.pk]["unread_count"] == 4
            again = {group.pk: entry["conversation"]["version"]}
            assert (await two.command("sync", versions=again))["data"]["conversations"] == []


async def test_a_socket_whose_person_is_deleted_ends_as_its_session_does_and_is_no_crash(live_chat, member):
    logged = len(live_chat.output())
    async with opened(live_chat, member) as socket:
        await sync_to_async(delete_row)(member)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.command("sync", versions={})
        assert closed.value.rcvd.code == 4401
    assert "Traceback" not in live_chat.output()[logged:]


def delete_row(user):
    """Delete somebody behind the services' back, so that nothing has told the server of it."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM users WHERE id = %s", [user.pk])


async def test_a_session_that_ends_closes_its_sockets_with_4401(live_chat, member):
    token = await sync_to_async(signed_in)(member)
    async with opened(live_chat, member, access=token.tokens.access) as socket:
        await sync_to_async(end_session)(user=member, session_id=token.session.pk)
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(WAIT_SECONDS):
                while True:
                    await socket.connection.recv()
        assert closed.value.rcvd.code == 4401
        with pytest.raises(InvalidStatus):
            async with opened(live_chat, member, access=token.tokens.access):
                pass


@pytest.mark.parametrize("subprotocols", [None, ["bearer"], ["bearer", "nonsense"], ["other"]])
async def test_a_handshake_without_a_good_token_is_refused_with_403(live_chat, subprotocols):
    with pytest.raises(InvalidStatus) as refused:
        async with connect(live_chat.socket_url, subprotocols=subprotocols, proxy=None):
            pass
    assert refused.value.response.status_code == 403


BAD_FRAMES = {
    "not JSON": "{",
    "no object": "[1]",
    "binary": b"\x00\x01",
    "no id": '{"command":"ping"}',
    "a number as id": '{"id":1,"command":"ping"}',
    "an unknown command": '{"id":"1","command":"fly"}',
    "a lone surrogate": '{"id":"\\ud800","command":"ping"}',
    "a key twice": '{"id":"1","id":"2","command":"ping"}',
    "nested too deep": '{"id":"1","command":"ping","data":' + "[" * 40 + "]" * 40 + "}",
}


@pytest.mark.parametrize("frame", BAD_FRAMES.values(), ids=BAD_FRAMES.keys())
async def test_a_bad_frame_is_answered_and_the_socket_goes_on(live_chat, member, frame):
    async with opened(live_chat, member) as socket:
        await socket.connection.send(frame)
        answer = json.loads(await socket.connection.recv())
        assert answer["type"] == "reply"
        assert not answer["ok"]
        assert answer["error"]["status"] == 400
        assert (await socket.command("ping"))["ok"]


async def test_too_many_bad_frames_close_with_1008(live_chat, member):
    async with opened(live_chat, member) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            for _ in range(30):
                await socket.connection.send("nonsense")
            while True:
                await socket.connection.recv()
        assert closed.value.rcvd.code == 1008


async def test_a_frame_over_64_kib_closes_with_1009(live_chat, member):
    async with opened(live_chat, member) as socket:
        await socket.connection.send("x" * 70_000)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.connection.recv()
        assert closed.value.rcvd.code == 1009


BAD_DATA = {
    "no data": (None, 400),
    "no conversation": ({"content": "hi"}, 400),
    "a foreign conversation": ({"conversation_id": "c" + "0" * 24, "content": "hi"}, 404),
    "a nonsense conversation": ({"conversation_id": "x", "content": "hi"}, 404),
    "an unknown field": ({"content": "hi", "contnet": "hi"}, 400),
    "a number as content": ({"content": 5}, 400),
    "nothing to say": ({"content": "  \n "}, 400),
    "too much to say": ({"content": "x" * 4097}, 400),
    "U+0000": ({"content": "a\x00b"}, 400),
    "a system message": ({"content": "hi", "type": "SYSTEM"}, 400),
    "a type without files": ({"content": "hi", "type": "IMAGE"}, 400),
    "a reply to nothing": ({"content": "hi", "reply_to_id": "c" + "0" * 24}, 400),
    "an empty client_id": ({"content": "hi", "client_id": ""}, 400),
    "foreign metadata": ({"content": "hi", "metadata": {"entities": []}}, 400),
}


@pytest.mark.parametrize(("data", "status"), BAD_DATA.values(), ids=BAD_DATA.keys())
async def test_bad_data_is_refused_and_named(live_chat, member, group, data, status):
    if data is not None and status == 400 and data != {"content": "hi"}:
        data = {"conversation_id": group.pk, **data}
    async with opened(live_chat, member) as socket:
        await socket.connection.send(json.dumps({"id": "1", "command": "message.send", "data": data}))
        # The group's making may be told meanwhile.
        while (reply := json.loads(await socket.connection.recv()))["type"] != "reply":
            pass
        assert not reply["ok"]
        assert reply["error"]["status"] == status
        assert (await socket.command("ping"))["ok"]


async def test_a_conversation_whose_lock_is_held_holds_up_no_other(live_chat, owner, member, group):
    dm_id, _ = await sync_to_async(open_dm)(creator=owner, user_id=member.pk)
    sends = {"held one": group.pk, "held two": group.pk, "free": dm_id}
    async with opened(live_chat, owner) as socket:
        for conversation_id in (group.pk, dm_id):
            assert (await socket.command("message.send", conversation_id=conversation_id, content="warm"))["ok"]
        with locked(group):
            for name, conversation_id in sends.items():
                data = {"conversation_id": conversation_id, "content": name, "client_id": name}
                await socket.connection.send(json.dumps({"id": name, "command": "message.send", "data": data}))
            replies = {}
            while len(replies) < len(sends):
                frame = json.loads(await socket.connection.recv())
                if frame["type"] == "reply":
                    replies[frame["id"]] = frame
        assert list(replies) == ["free", "held one", "held two"]
        assert replies["free"]["ok"]
        assert [replies[name]["error"]["status"] for name in ("held one", "held two")] == [503, 503]
        data = {"conversation_id": group.pk, "content": "held one", "client_id": "held one"}
        assert (await socket.command("message.send", **data))["ok"]

"""What sockets hear of profiles and of who leaves, and how large bodies are met at the door, on a real server."""

import asyncio
import contextlib
import http.client
import json

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from websockets.exceptions import ConnectionClosed

from accounts.services.avatars import AVATAR_MAX_BYTES
from accounts.services.suspension import suspend
from chat_project.uploads import FORM_BYTES
from tests.accounts.pictures import picture
from tests.clients import WAIT_SECONDS, RestClient, opened, signed_in
from tests.factories import PASSWORD

PATH = "/api/v1/users/me/avatar"


async def closing_code(socket) -> int:
    """Return the code by which the server closes a socket."""
    with pytest.raises(ConnectionClosed) as closed:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                await socket.connection.recv()
    return closed.value.rcvd.code


async def test_closing_an_account_closes_its_sockets_and_tells_the_others(live_chat, owner, member, group):
    access = (await sync_to_async(signed_in)(owner)).tokens.access
    async with opened(live_chat, owner) as gone, opened(live_chat, member) as left:
        answer = await asyncio.to_thread(
            RestClient(live_chat, access).call, "DELETE", "users/me", {"password": PASSWORD}
        )
        assert answer == (204, None)
        assert await closing_code(gone) == 4401
        event = await left.event("member.left")
        assert event["conversation_id"] == group.pk
        assert (event["data"]["user"]["id"], event["data"]["user"]["display_name"]) == (owner.pk, "Deleted Account")
        assert event["data"]["user"]["username"] is None


async def test_a_suspension_closes_sockets(live_chat, member):
    async with opened(live_chat, member) as socket:
        await sync_to_async(suspend)(user_id=member.pk, until=None, reason="spam")
        assert await closing_code(socket) == 4401


async def test_who_shares_a_conversation_hears_of_a_new_name_and_a_new_picture(
    live_chat, owner, member, outsider, group
):
    access = (await sync_to_async(signed_in)(owner)).tokens.access
    async with opened(live_chat, member) as near, opened(live_chat, outsider) as far:
        await asyncio.to_thread(
            RestClient(live_chat, access).call, "PATCH", "users/me", {"display_name": "Olga B.", "bio": "Hikes"}
        )
        event = await near.event("user.updated")
        assert event["data"] == {
            "id": owner.pk,
            "username": "olga",
            "display_name": "Olga B.",
            "avatar_url": None,
        }
        status, _ = await asyncio.to_thread(upload, live_chat, access, picture())
        assert status == 200
        assert (await near.event("user.updated"))["data"]["avatar_url"]
        assert (await far.command("ping"))["ok"]
        assert not far.events


def upload(chat, access, data):
    """Return the status and the problem's code of an upload."""
    body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("me.png", data)})
    headers = {"Content-Type": MULTIPART_CONTENT}
    if access is not None:
        headers["Authorization"] = f"Bearer {access}"
    connection = http.client.HTTPConnection("localhost", chat.port, timeout=20)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.request("PUT", PATH, body=body, headers=headers)
    answer = connection.getresponse()
    code = json.loads(answer.read()).get("code")
    connection.close()
    return answer.status, code


@pytest.mark.parametrize("access", [None, "a1.forged"])
def test_a_large_upload_of_nobody_is_refused_before_it_is_read(live_chat, access):
    assert upload(live_chat, access, bytes(5 * 1024 * 1024)) == (401, "not_authenticated")


def test_uploads_are_met_with_their_own_limit(live_chat, owner):
    access = signed_in(owner).tokens.access
    assert upload(live_chat, access, bytes(5 * 1024 * 1024)) == (400, "invalid")
    assert upload(live_chat, access, bytes(AVATAR_MAX_BYTES + 1)) == (413, "too_large")
    assert upload(live_chat, access, bytes(AVATAR_MAX_BYTES + 2 * FORM_BYTES)) == (413, "too_large")

"""The picture of a group or a channel: put there, exchanged, taken away."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.avatars import SIDE, avatar_keys
from accounts.models import DiscardedObject
from accounts.services.avatars import AVATAR_MAX_BYTES
from conversations.models import Conversation
from tests.accounts.clients import Api
from tests.accounts.pictures import BLUE, opened, picture
from tests.conversations.cast import join, lines

pytestmark = pytest.mark.django_db(transaction=True)


def put(user, conversation, data):
    api = Api.of(user)
    body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("us.png", data, "image/png")})
    headers = {"Authorization": f"Bearer {api.access}"}
    path = f"/api/v1/conversations/{conversation.pk}/avatar"
    return api.client.generic("PUT", path, body, content_type=MULTIPART_CONTENT, headers=headers)


def test_a_picture_is_put_there_and_all_members_see_it(group, owner, member):
    answer = put(owner, group, picture())
    assert answer.status_code == 200, answer.content
    address = answer.json()["avatar_url"]
    assert Api.of(member).get(f"conversations/{group.pk}").json()["avatar_url"] == address
    seen = Api.of(member).get(address.removeprefix("/api/v1/"))
    assert opened(seen.content).size == (SIDE, SIDE)
    assert lines(group)[-1] == "conversation.picture_changed"


def test_the_one_before_it_goes_and_so_does_the_last(group, owner):
    put(owner, group, picture())
    first = Conversation.objects.get(pk=group.pk).avatar_key
    put(owner, group, picture(color=BLUE))
    second = Conversation.objects.get(pk=group.pk).avatar_key
    assert [default_storage.exists(key) for key in (*avatar_keys(first), *avatar_keys(second))] == [
        False,
        False,
        True,
        True,
    ]
    api = Api.of(owner)
    answer = api.delete(f"conversations/{group.pk}/avatar")
    assert (answer.status_code, answer.json()["avatar_url"]) == (200, None)
    assert api.delete(f"conversations/{group.pk}/avatar").json() == answer.json()
    assert not default_storage.exists(second)
    assert lines(group)[-2:] == ["conversation.picture_changed", "conversation.picture_removed"]
    assert not DiscardedObject.objects.exists()


def test_it_goes_with_the_conversation(group, owner):
    put(owner, group, picture())
    key = Conversation.objects.get(pk=group.pk).avatar_key
    Api.of(owner).delete(f"conversations/{group.pk}")
    assert not default_storage.exists(key)


def test_who_may_not_change_it_leaves_nothing_behind(group, member, outsider):
    assert put(member, group, picture()).status_code == 403
    assert put(outsider, group, picture()).status_code == 404
    assert put(join(group, permissions={"change_info": True}), group, picture()).status_code == 200
    Conversation.objects.filter(pk=group.pk).update(archived_at=group.created_at)
    assert put(join(group, role="ADMIN"), group, picture()).json()["code"] == "conversation_archived"
    assert not DiscardedObject.objects.exists()


def test_what_is_no_picture_is_refused_and_the_old_one_stays(group, owner):
    address = put(owner, group, picture()).json()["avatar_url"]
    answer = put(owner, group, b"no picture")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["file"])
    assert put(owner, group, picture() + bytes(AVATAR_MAX_BYTES)).status_code == 413
    assert Api.of(owner).get(f"conversations/{group.pk}").json()["avatar_url"] == address

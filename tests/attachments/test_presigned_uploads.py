"""Uploads by an address of this server that is signed for one file."""

import hashlib
import os
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.conf import LazySettings
from django.conf import settings as current
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from attachments.enums import AttachmentStatus
from attachments.models import Attachment
from attachments.services.retention import find_orphan_uploads, purge_orphan_uploads, sweep_incoming
from chat_project.core.storage import ObjectChangedError, objects
from conversations.models import Conversation
from tests.attachments.files import address, client_of, content_of, photo, processed, send
from tests.threads import at_once

pytestmark = pytest.mark.django_db

OCTETS = "application/octet-stream"


def presign(user: User, group: Conversation, size: Any, **body: Any) -> Any:
    given = {"file_name": "a.jpg", "size": size, "mime_type": "image/jpeg", **body}
    return client_of(user).post(address(group, "attachments/presign"), given, format="json")


def begun(user: User, group: Conversation, size: int, **body: Any) -> tuple[str, str]:
    """Return the id of a new upload, and its address."""
    answer = presign(user, group, size, **body)
    assert answer.status_code == 201, answer.json()
    upload = answer.json()["upload"]
    assert (upload["method"], upload["headers"], upload["fields"]) == ("PUT", {"Content-Type": OCTETS}, {})
    url = urlsplit(upload["url"])
    assert (url.scheme, url.netloc) == ("http", "testserver")
    return answer.json()["attachment"]["id"], f"{url.path}?{url.query}"


def bring(url: str, data: bytes, content_type: str = OCTETS) -> Any:
    """Upload without any credentials but the address."""
    return APIClient().generic("PUT", url, data, content_type=content_type)


def complete(user: User, group: Conversation, upload_id: str) -> Any:
    return client_of(user).post(address(group, f"attachments/{upload_id}/complete"))


def test_a_photo_is_begun_brought_completed_and_sent(group: Conversation, owner: User, member: User) -> None:
    data = photo()
    answer = presign(owner, group, len(data)).json()["attachment"]
    assert (answer["status"], answer["size"], answer["mime_type"]) == ("PENDING", len(data), OCTETS)
    upload_id, url = begun(owner, group, len(data))
    assert bring(url, data).status_code == 204
    done = complete(owner, group, upload_id)
    assert done.status_code == 200
    assert (done.json()["status"], done.json()["mime_type"]) == ("UPLOADED", "image/jpeg")
    row = Attachment.objects.get(id=upload_id)
    assert (row.sha256, row.object_key.split("/")[0]) == (hashlib.sha256(data).hexdigest(), "attachments")
    assert processed(row).status == AttachmentStatus.READY
    assert send(owner, group, attachment_ids=[upload_id]).json()["type"] == "IMAGE"
    assert content_of(client_of(member).get(address(group, f"attachments/{upload_id}/content")))


def test_an_object_that_changed_meanwhile_is_not_copied() -> None:
    default_storage.save("incoming/x", ContentFile(b"words"))
    etag = objects.stat("incoming/x").etag
    objects.copy("incoming/x", "attachments/x", etag=etag)
    objects.replace("incoming/x", ContentFile(b"other"))
    with pytest.raises(ObjectChangedError):
        objects.copy("incoming/x", "attachments/y", etag=etag)
    assert default_storage.listdir("attachments")[1] == ["x"]
    with default_storage.open("attachments/x") as file:
        assert file.read() == b"words"


def test_completing_before_anything_came_says_so_and_can_be_done_later(group: Conversation, owner: User) -> None:
    upload_id, url = begun(owner, group, 5)
    early = complete(owner, group, upload_id)
    assert (early.status_code, early.json()["code"]) == (409, "upload_missing")
    bring(url, b"words")
    assert complete(owner, group, upload_id).status_code == 200


def test_nothing_is_taken_after_the_upload_is_complete(
    group: Conversation, owner: User, django_capture_on_commit_callbacks: Any
) -> None:
    upload_id, url = begun(owner, group, 5)
    bring(url, b"first")
    bring(url, b"words")
    with django_capture_on_commit_callbacks(execute=True):
        first = complete(owner, group, upload_id).json()
    late = bring(url, b"other")
    assert (late.status_code, late.json()["code"]) == (409, "upload_closed")
    assert complete(owner, group, upload_id).json() == first
    row = processed(Attachment.objects.get(id=upload_id))
    assert content_of(client_of(owner).get(address(group, f"attachments/{row.id}/content"))) == b"words"
    assert default_storage.listdir("incoming") == ([], [])


def test_another_size_or_hash_than_announced_is_refused(group: Conversation, owner: User) -> None:
    wanted = hashlib.sha256(b"words").hexdigest()
    upload_id, url = begun(owner, group, 5, sha256=wanted)
    for data, status, code in ((b"word", 409, "upload_mismatch"), (b"words!", 413, "too_large"), (b"", 409, None)):
        answer = bring(url, data)
        assert answer.status_code == status
        assert code in (None, answer.json()["code"])
    assert complete(owner, group, upload_id).json()["code"] == "upload_missing"
    assert bring(url, b"swords"[:5]).status_code == 204
    answer = complete(owner, group, upload_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_mismatch")
    assert "sha256" in answer.json()["errors"]
    assert default_storage.listdir("attachments") == ([], [])
    bring(url, b"words")
    assert complete(owner, group, upload_id).status_code == 200


def changed(url: str, **values: str) -> str:
    parts = urlsplit(url)
    query = {name: value[0] for name, value in parse_qs(parts.query).items()}
    return f"{parts.path}?{urlencode({**query, **values})}"


@pytest.mark.parametrize(
    "values",
    [
        {"size": "50"},
        {"expires": "99999999999"},
        {"signature": "x"},
        {"signature": "\u00e9"},
        {"key": "none"},
        {"size": "x"},
    ],
)
def test_an_address_takes_only_what_was_signed(group: Conversation, owner: User, values: dict[str, str]) -> None:
    upload_id, url = begun(owner, group, 5)
    answer = bring(changed(url, **values), b"words")
    assert (answer.status_code, answer.json()["code"]) == (403, "upload_address_invalid")
    other, _ = begun(owner, group, 5)
    assert bring(url.replace(upload_id, other), b"words").status_code == 403
    assert not default_storage.exists("incoming")


def test_an_address_ends(group: Conversation, owner: User, settings: LazySettings) -> None:
    settings.UPLOAD_SECONDS = -1
    _, url = begun(owner, group, 5)
    assert bring(url, b"words").json()["code"] == "upload_address_invalid"


def test_an_address_takes_no_other_type_and_no_form(group: Conversation, owner: User) -> None:
    _, url = begun(owner, group, 5)
    for content_type in ("application/json", "multipart/form-data; boundary=x", "text/html"):
        assert bring(url, b"words", content_type).status_code == 415


def test_an_upload_taken_back_takes_no_bytes(group: Conversation, owner: User) -> None:
    upload_id, url = begun(owner, group, 5)
    assert client_of(owner).delete(address(group, f"attachments/{upload_id}")).status_code == 204
    assert bring(url, b"words").status_code == 404
    assert complete(owner, group, upload_id).status_code == 404


def test_an_upload_is_its_uploaders_alone(group: Conversation, owner: User, member: User, outsider: User) -> None:
    upload_id, url = begun(owner, group, 5)
    bring(url, b"words")
    assert complete(member, group, upload_id).status_code == 404
    assert complete(outsider, group, upload_id).status_code == 404
    assert presign(outsider, group, 5).status_code == 404
    assert complete(owner, group, upload_id).status_code == 200
    send(owner, group, attachment_ids=[upload_id])
    assert complete(member, group, upload_id).status_code == 404


def test_what_was_not_completed_is_not_sent_nor_served(group: Conversation, owner: User) -> None:
    upload_id, url = begun(owner, group, 5)
    bring(url, b"words")
    assert send(owner, group, attachment_ids=[upload_id]).json()["code"] == "attachment_invalid"
    answer = client_of(owner).get(address(group, f"attachments/{upload_id}/content"))
    assert (answer.status_code, answer.json()["code"]) == (409, "attachment_not_ready")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"size": 0}, 400, "size"),
        ({"size": -5}, 400, "size"),
        ({"size": "5"}, 400, "size"),
        ({"size": 2**62}, 413, None),
        ({"file_name": ""}, 400, "file_name"),
        ({"sha256": "x"}, 400, "sha256"),
        ({"bucket": "other"}, 400, "bucket"),
    ],
)
def test_what_can_not_be_begun_is_named(
    group: Conversation, owner: User, body: dict[str, Any], status: int, field: str | None
) -> None:
    answer = presign(owner, group, **{"size": 5, **body})
    assert answer.status_code == status
    assert field is None or list(answer.json()["errors"]) == [field]
    assert not Attachment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_five_uploads_are_open_however_many_are_begun_at_once(group: Conversation, owner: User) -> None:
    def begin() -> int:
        return int(presign(owner, group, 5).status_code)

    assert sorted(at_once(*[begin] * 8)) == [201] * 5 + [409] * 3
    assert presign(owner, group, 5).json()["code"] == "too_many_uploads"
    first = Attachment.objects.first()
    assert first is not None
    client_of(owner).delete(address(group, f"attachments/{first.id}"))
    assert presign(owner, group, 5).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_uploads_that_are_begun_hold_their_room(
    group: Conversation, owner: User, member: User, settings: LazySettings
) -> None:
    settings.CONVERSATION_QUOTA_BYTES = 25
    answers = at_once(*[lambda user=user: presign(user, group, 10).json() for user in (owner, member) * 2])
    assert sorted(answer.get("code", "") for answer in answers) == ["", "", *["conversation_quota_exceeded"] * 2]
    settings.UPLOAD_QUOTA_BYTES = 1
    assert presign(owner, group, 5).json()["code"] == "quota_exceeded"


@pytest.mark.django_db(transaction=True)
def test_an_upload_is_completed_once(group: Conversation, owner: User) -> None:
    upload_id, url = begun(owner, group, 5)
    bring(url, b"words")
    answers = at_once(*[lambda: complete(owner, group, upload_id)] * 4)
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert any(answer.status_code == 200 for answer in answers)
    [key] = Attachment.objects.values_list("object_key", flat=True)
    assert default_storage.listdir("attachments")[1] == [key.split("/")[1]]


def test_what_was_never_completed_goes_with_its_object(
    group: Conversation, owner: User, django_capture_on_commit_callbacks: Any
) -> None:
    _, url = begun(owner, group, 5)
    bring(url, b"words")
    tomorrow = timezone.now() + timedelta(days=1)
    with django_capture_on_commit_callbacks(execute=True):
        assert purge_orphan_uploads(find_orphan_uploads(tomorrow, None, 10)) == 1
    assert default_storage.listdir("incoming") == ([], [])


def test_what_came_to_no_upload_is_swept_and_what_is_young_or_waits_stays(group: Conversation, owner: User) -> None:
    _, url = begun(owner, group, 5)
    bring(url, b"words")
    [waiting] = default_storage.listdir("incoming")[1]
    folder = os.path.dirname(default_storage.path(f"incoming/{waiting}"))
    for name in ("old", "young", "old.part"):
        with open(os.path.join(folder, name), "w") as file:
            file.write("words")
    half = os.path.join(current.FILE_UPLOAD_TEMP_DIR, "half.upload")
    with open(half, "w") as file:
        file.write("words")
    for path in (*(os.path.join(folder, name) for name in ("old", "old.part", waiting)), half):
        os.utime(path, (1, 1))
    assert sweep_incoming() == 3
    assert sorted(os.listdir(folder)) == sorted([waiting, "young"])
    assert not os.path.exists(half)
    assert sweep_incoming() == 0

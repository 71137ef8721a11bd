import io
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image

from accounts.models import User
from attachments.enums import AttachmentStatus
from attachments.errors import ScannerUnavailableError
from attachments.models import Attachment
from conversations.enums import ConversationType
from conversations.models import Conversation
from conversations.services import create_conversation
from messaging.services import delete_message
from tests.attachments.files import address, client_of, content_of, photo, processed, send, uploaded
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def test_a_photo_is_sent_and_members_get_it_without_its_place(group: Conversation, owner: User, member: User) -> None:
    row = uploaded(owner, group, photo(), "beach.jpg")
    assert row.status == AttachmentStatus.UPLOADED
    sent = send(owner, group, attachment_ids=[row.id])
    assert sent.status_code == 201, sent.json()
    assert sent.json()["type"] == "IMAGE"
    content = address(group, f"attachments/{row.id}/content")
    waiting = client_of(member).get(content)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "attachment_not_ready")
    first_key = row.object_key
    row = processed(row)
    assert (row.status, row.width, row.height) == (AttachmentStatus.READY, 300, 400)
    assert row.object_key != first_key
    answer = client_of(member).get(content)
    data = content_of(answer)
    assert answer["Content-Type"] == "image/jpeg"
    with Image.open(io.BytesIO(data)) as image:
        assert not image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        assert image.getexif()[ExifTags.Base.Orientation] == 6
    shown = client_of(member).get(address(group, f"messages/{sent.json()['id']}")).json()
    assert shown["version"] == sent.json()["version"] + 1
    assert shown["attachments"][0]["thumbnail_url"]
    small = client_of(member).get(address(group, f"attachments/{row.id}/thumbnail"))
    with Image.open(io.BytesIO(content_of(small))) as image:
        assert max(image.size) == 320


def test_a_range_gives_that_part_alone_as_a_download(group: Conversation, owner: User) -> None:
    row = processed(uploaded(owner, group, b"0123456789" * 20_000, '../"x\n\u202eexe.html'))
    client = client_of(owner)
    path = address(group, f"attachments/{row.id}/content")
    answer = client.get(path, HTTP_RANGE="bytes=100005-100009")
    assert (answer.status_code, content_of(answer)) == (206, b"56789")
    assert answer["Content-Range"] == "bytes 100005-100009/200000"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    outside = client.get(path, HTTP_RANGE="bytes=200000-")
    assert (outside.status_code, outside.json()["code"]) == (416, "range_outside")
    assert outside["Content-Range"] == "bytes */200000"
    assert content_of(client.get(path, HTTP_RANGE="bytes=-3")) == b"789"
    assert client.get(path, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304


def test_an_upload_is_its_uploaders_alone_until_it_is_sent(group: Conversation, owner: User, member: User) -> None:
    row = processed(uploaded(owner, group, b"words"))
    path = address(group, f"attachments/{row.id}")
    assert client_of(member).get(path).status_code == 404
    assert client_of(member).delete(path).status_code == 404
    assert send(member, group, attachment_ids=[row.id]).json()["code"] == "attachment_invalid"
    assert client_of(owner).delete(path).status_code == 204
    assert not Attachment.objects.filter(id=row.id).exists()


def test_a_file_stands_in_one_message_and_a_retry_is_answered_with_it(group: Conversation, owner: User) -> None:
    row = uploaded(owner, group, b"words")
    first = send(owner, group, attachment_ids=[row.id], client_id="one", content="see")
    again = send(owner, group, attachment_ids=[row.id], client_id="one", content="see")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    assert send(owner, group, attachment_ids=[row.id]).json()["code"] == "attachment_invalid"
    assert client_of(owner).delete(address(group, f"attachments/{row.id}")).status_code == 409
    Attachment.objects.filter(id=row.id).update(status=AttachmentStatus.INFECTED)
    found_bad = send(owner, group, attachment_ids=[row.id], client_id="one", content="see")
    assert (found_bad.status_code, found_bad.json()["id"]) == (200, first.json()["id"])
    assert group.messages.filter(sender=owner, type="FILE").count() == 1


def test_another_conversations_upload_is_not_taken(group: Conversation, owner: User) -> None:
    other_id, _ = create_conversation(creator=owner, type=ConversationType.GROUP, title="Other", member_ids=[])
    row = uploaded(owner, Conversation.objects.get(pk=other_id), b"words")
    assert send(owner, group, attachment_ids=[row.id]).json()["code"] == "attachment_invalid"


def test_deleting_a_message_ends_access_to_its_files(group: Conversation, owner: User) -> None:
    row = processed(uploaded(owner, group, b"words"))
    message = send(owner, group, attachment_ids=[row.id]).json()
    delete_message(actor_id=owner.pk, conversation_id=group.pk, message_id=message["id"])
    assert client_of(owner).get(address(group, f"attachments/{row.id}/content")).status_code == 404


@pytest.mark.parametrize("data", [photo()[:3000], b"\x89PNG\r\n\x1a\n<script>", b"GIF89a" + b"\xff" * 400])
def test_a_broken_picture_fails_with_a_reason(group: Conversation, owner: User, data: bytes) -> None:
    row = processed(uploaded(owner, group, data))
    assert (row.status, row.error) == (AttachmentStatus.FAILED, "It is broken, or not what it says it is.")


def test_running_twice_changes_nothing(group: Conversation, owner: User) -> None:
    row = processed(uploaded(owner, group, photo()))
    key, at = row.object_key, row.processed_at
    again = processed(row)
    assert (again.object_key, again.processed_at) == (key, at)


def test_an_empty_a_too_large_and_a_second_file_are_refused(
    group: Conversation, owner: User, settings: LazySettings
) -> None:
    settings.ATTACHMENT_MAX_BYTES = 10
    for data, status in ((b"", 400), (b"x" * 11, 413)):
        file = SimpleUploadedFile("a.txt", data)
        assert client_of(owner).post(address(group), {"file": file}, format="multipart").status_code == status
    two = {"file": [SimpleUploadedFile(name, b"x") for name in ("a.txt", "b.txt")]}
    answer = client_of(owner).post(address(group), two, format="multipart")
    assert (answer.status_code, answer.json()["errors"]) == (400, {"file": ["Give this once."]})


def test_an_outsider_uploads_nothing(group: Conversation, outsider: User) -> None:
    file = SimpleUploadedFile("a.txt", b"x")
    assert client_of(outsider).post(address(group), {"file": file}, format="multipart").status_code == 404


def test_a_file_waits_while_the_scanner_is_down(
    group: Conversation, owner: User, settings: LazySettings, tmp_path: Path
) -> None:
    row = uploaded(owner, group, b"words")
    settings.CLAMD_URL = f"unix://{tmp_path}/none.ctl"
    with pytest.raises(ScannerUnavailableError):
        processed(row)
    assert client_of(owner).get(address(group, f"attachments/{row.id}/content")).status_code == 409


def test_a_file_whose_object_changed_is_not_given_out(group: Conversation, owner: User) -> None:
    row = uploaded(owner, group, b"words")
    default_storage.delete(row.object_key)
    default_storage.save(row.object_key, ContentFile(b"other words"))
    assert processed(row).status == AttachmentStatus.FAILED


@pytest.mark.django_db(transaction=True)
def test_the_quota_holds_for_uploads_at_once(group: Conversation, owner: User, settings: LazySettings) -> None:
    settings.UPLOAD_QUOTA_BYTES = 25

    def upload() -> int:
        file = SimpleUploadedFile("a.bin", b"0123456789")
        return int(client_of(owner).post(address(group), {"file": file}, format="multipart").status_code)

    assert sorted(at_once(*[upload] * 6)) == [201, 201, 409, 409, 409, 409]
    assert Attachment.objects.count() == 2
    kept = set(Attachment.objects.values_list("object_key", flat=True))
    assert {f"attachments/{name}" for name in default_storage.listdir("attachments")[1]} == kept


def test_files_keep_the_order_in_which_they_are_sent_and_forwarded(group: Conversation, owner: User) -> None:
    first, second = (processed(uploaded(owner, group, data)) for data in (b"one", b"two"))
    sent = send(owner, group, attachment_ids=[second.id, first.id]).json()
    assert [each["id"] for each in sent["attachments"]] == [second.id, first.id]
    body = {"from_conversation_id": group.pk, "message_ids": [sent["id"]]}
    forwarded = client_of(owner).post(address(group, "forward"), body, format="json").json()["results"]
    copies = [Attachment.objects.get(id=each["id"]) for each in forwarded[0]["attachments"]]
    assert [copy.sha256 for copy in copies] == [second.sha256, first.sha256]


def test_a_caption_names_somebody(group: Conversation, owner: User, member: User) -> None:
    row = uploaded(owner, group, photo())
    sent = send(owner, group, attachment_ids=[row.id], content=f"look, @{member.username}")
    assert sent.status_code == 201, sent.json()
    assert sent.json()["mentions"] == [member.pk]
    assert [each["id"] for each in sent.json()["attachments"]] == [row.id]
    shown = client_of(member).get(address(group, f"messages/{sent.json()['id']}")).json()
    assert (shown["content"], shown["mentions"]) == (f"look, @{member.username}", [member.pk])
    assert client_of(member).get(address(group, "")[:-1]).json()["unread_mention_count"] == 1

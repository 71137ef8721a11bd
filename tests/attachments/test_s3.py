"""Files in a bucket: every way of a file, with a real server of S3's kind at the other end."""

import base64
import hashlib
import hmac
import io
import json
import os
import uuid
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.avatars import read_avatar
from accounts.discarding import announce_objects, delete_discarded
from accounts.enums import ExportStatus
from accounts.models import DiscardedObject, ExportJob
from accounts.services.avatars import change_avatar
from accounts.services.export_jobs import run_export
from attachments.enums import AttachmentStatus
from attachments.models import Attachment
from attachments.services.retention import sweep_incoming
from chat_project.core.storage import objects
from tests.accounts.clients import Browser
from tests.attachments.bucket import KEYS, NAME, BucketServer
from tests.attachments.files import address, client_of, photo, processed, send, uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("s3")]


@pytest.fixture(scope="module")
def _server(tmp_path_factory):
    server = BucketServer(tmp_path_factory.mktemp("bucket"))
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.fixture
def bucket(_server, settings):
    """An empty bucket, where all files lie."""
    _server.clear()
    settings.STORAGES = {**settings.STORAGES, "default": _server.storage}
    return _server


def fetch(url: str, **headers: str) -> Any:
    return urlopen(Request(url, headers=headers), timeout=30)


def form(fields: dict[str, str], data: bytes) -> Request:
    """Return a POST as a browser makes it of a form, less its address."""
    boundary = uuid.uuid4().hex
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    return Request("http://x", data=body, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})


def presigned(user, group, size, **body):
    given = {"file_name": "a.jpg", "size": size, "mime_type": "image/jpeg", **body}
    answer = client_of(user).post(address(group, "attachments/presign"), given, format="json")
    assert answer.status_code == 201, answer.json()
    return answer.json()["attachment"], answer.json()["upload"]


def bring(upload: dict[str, Any], data: bytes) -> int:
    assert upload["method"] == "POST"
    request = form(upload["fields"], data)
    request.full_url = upload["url"]
    with urlopen(request, timeout=30) as answer:
        return int(answer.status)


def complete(user, group, attachment_id):
    return client_of(user).post(address(group, f"attachments/{attachment_id}/complete"))


def keys_below(prefix: str) -> list[str]:
    return sorted(default_storage.listdir(prefix)[1])


def test_a_photo_goes_the_whole_way_and_this_machine_keeps_nothing(bucket, group, owner, member, settings):
    row = processed(uploaded(owner, group, photo(), "beach.jpg"))
    assert row.status == AttachmentStatus.READY
    send(owner, group, attachment_ids=[row.id])
    for rest, inside in (("content", "image/jpeg"), ("thumbnail", "image/webp")):
        answer = client_of(member).get(address(group, f"attachments/{row.id}/{rest}"))
        assert (answer.status_code, answer["Cache-Control"]) == (302, "private, max-age=30")
        assert {"Authorization", "Cookie"} <= set(answer["Vary"].split(", "))
        with fetch(answer["Location"]) as got:
            assert got.headers["Content-Type"] == inside
            assert got.headers["Content-Disposition"].startswith("inline")
            assert got.read()
    assert not Path(settings.MEDIA_ROOT).exists()


def test_what_leads_to_a_file_lives_a_minute_and_says_what_it_is(bucket, group, owner):
    row = processed(uploaded(owner, group, b"0123456789" * 1000, 'a "b"\u202e\n.html'))
    answer = client_of(owner).get(address(group, f"attachments/{row.id}/content"))
    signed = parse_qs(urlsplit(answer["Location"]).query)
    assert signed["X-Amz-Expires"] == ["60"]
    assert signed["response-content-type"] == ["application/octet-stream"]
    assert signed["response-content-disposition"][0].startswith("attachment; filename=")
    with fetch(answer["Location"], Range="bytes=5005-5009") as got:
        assert (got.status, got.read()) == (206, b"56789")
        assert got.headers["Content-Range"] == "bytes 5005-5009/10000"
        assert got.headers["Content-Disposition"].startswith("attachment")


def test_nobody_is_led_to_a_file_who_may_not_have_it(bucket, group, owner, member, outsider):
    row = uploaded(owner, group, b"words")
    path = address(group, f"attachments/{row.id}/content")
    assert client_of(owner).get(path).status_code == 409
    processed(row)
    assert client_of(member).get(path).status_code == 404
    assert client_of(outsider).get(path).status_code == 404
    with pytest.raises(HTTPError):
        fetch(f"{bucket.url}/{NAME}/{row.object_key}")


def test_an_upload_to_the_bucket_is_begun_brought_and_completed(
    bucket, group, owner, django_capture_on_commit_callbacks
):
    data = photo()
    row, upload = presigned(owner, group, len(data))
    early = complete(owner, group, row["id"])
    assert (early.status_code, early.json()["code"]) == (409, "upload_missing")
    assert bring(upload, data) in (200, 201, 204)
    with django_capture_on_commit_callbacks(execute=True):
        answer = complete(owner, group, row["id"])
    assert (answer.status_code, answer.json()["mime_type"]) == (200, "image/jpeg")
    stored = Attachment.objects.get(id=row["id"])
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert keys_below("incoming") == []
    # The policy is good for a while yet; what comes by it is nobody's.
    bring(upload, b"x" * len(data))
    assert complete(owner, group, row["id"]).status_code == 200
    assert processed(stored).status == AttachmentStatus.READY


@pytest.mark.parametrize(("data", "sha256"), [(b"word", None), (b"words and more", None), (b"sword", "words")])
def test_what_is_not_what_was_announced_is_not_taken(bucket, group, owner, data, sha256):
    wanted = {"sha256": hashlib.sha256(sha256.encode()).hexdigest()} if sha256 else {}
    row, upload = presigned(owner, group, 5, **wanted)
    # By another way: a server that keeps to the policy takes no such bytes.
    default_storage.save(upload["fields"]["key"], ContentFile(data))
    answer = complete(owner, group, row["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_mismatch")
    assert keys_below("attachments") == []


def test_a_policy_is_signed_for_one_key_one_size_and_one_type(bucket, group, owner):
    row, upload = presigned(owner, group, 5)
    fields = upload["fields"]
    policy = json.loads(base64.b64decode(fields["policy"]))
    key = Attachment.objects.get(id=row["id"]).object_key
    assert key.startswith("incoming/")
    assert {"bucket": NAME} in policy["conditions"]
    assert {"key": key} in policy["conditions"]
    assert {"Content-Type": "application/octet-stream"} in policy["conditions"]
    assert ["content-length-range", 5, 5] in policy["conditions"]
    assert not [each for each in policy["conditions"] if isinstance(each, list) and each[0] == "starts-with"]
    ends = datetime.fromisoformat(policy["expiration"]).astimezone(UTC)
    assert timedelta(minutes=50) < ends - timezone.now() <= timedelta(hours=1)
    assert fields["key"] == key
    date, region, service, kind = fields["x-amz-credential"].split("/")[1:]
    signing = f"AWS4{KEYS['secret_key']}".encode()
    for part in (date, region, service, kind):
        signing = hmac.digest(signing, part.encode(), "sha256")
    assert fields["x-amz-signature"] == hmac.new(signing, fields["policy"].encode(), "sha256").hexdigest()
    assert KEYS["secret_key"] not in json.dumps(upload)


def test_a_forward_is_copied_in_the_bucket(bucket, group, owner):
    row = processed(uploaded(owner, group, b"words"))
    message = send(owner, group, attachment_ids=[row.id]).json()
    body = {"from_conversation_id": group.pk, "message_ids": [message["id"]]}
    answer = client_of(owner).post(address(group, "forward"), body, format="json")
    [copy] = answer.json()["results"][0]["attachments"]
    other = Attachment.objects.get(id=copy["id"])
    assert other.object_key != row.object_key
    with default_storage.open(other.object_key) as file:
        assert file.read() == b"words"


def test_a_copy_is_asked_for_of_the_object_alone_that_was_looked_at(bucket):
    default_storage.save("incoming/x", ContentFile(b"words"))
    asked = []
    events = default_storage.connection.meta.client.meta.events
    events.register("before-call.s3.CopyObject", lambda params, **_: asked.append(params["headers"]))
    etag = objects.stat("incoming/x").etag
    objects.copy("incoming/x", "attachments/x", etag=etag)
    # The server of the tests copies whatever the condition says.
    assert [headers["x-amz-copy-source-if-match"] for headers in asked] == [etag]
    with pytest.raises(FileNotFoundError):
        objects.copy("incoming/none", "attachments/y")


def test_a_file_of_several_parts_is_stored_whole(bucket, group, owner):
    data = os.urandom(11 * 1024 * 1024)
    row = uploaded(owner, group, data)
    with default_storage.open(row.object_key) as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == row.sha256 == hashlib.sha256(data).hexdigest()


def test_what_is_taken_back_goes_from_the_bucket(bucket, group, owner, django_capture_on_commit_callbacks):
    row = processed(uploaded(owner, group, photo()))
    assert len(keys_below("attachments")) >= 3
    announce_objects("attachments/never-stored")
    assert delete_discarded("attachments/never-stored") == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert client_of(owner).delete(address(group, f"attachments/{row.id}")).status_code == 204
    kept = {key.split("/")[1] for key in DiscardedObject.objects.values_list("key", flat=True)}
    assert set(keys_below("attachments")) <= kept


def test_what_came_to_nobody_is_swept_from_the_bucket(bucket, group, owner, monkeypatch):
    _, upload = presigned(owner, group, 5)
    bring(upload, b"words")
    default_storage.save("incoming/astray", ContentFile(b"words"))
    assert sweep_incoming() == 0
    monkeypatch.setattr("attachments.services.retention._ASTRAY_FOR", timedelta(hours=-1))
    assert sweep_incoming() == 1
    assert [f"incoming/{name}" for name in keys_below("incoming")] == [upload["fields"]["key"]]


def test_pictures_of_people_lie_in_the_bucket(bucket, owner):
    change_avatar(user=owner, file=SimpleUploadedFile("a.jpg", photo()), size=len(photo()))
    owner.refresh_from_db()
    assert read_avatar(owner.avatar_key)
    assert len(keys_below("avatars")) == 2
    assert client_of(owner).get(f"/api/v1/users/{owner.pk}/avatar").status_code == 200


def test_an_export_holds_files_of_the_bucket_and_is_fetched_from_there(bucket, group, owner):
    processed(uploaded(owner, group, b"words", "a.txt"))
    job = ExportJob.objects.create(user_id=owner.pk)
    assert run_export(job_id=job.id)
    job.refresh_from_db()
    assert job.status == ExportStatus.READY
    browser = Browser()
    browser.sign_in(owner)
    answer = browser.get(f"/settings/account/export/{job.id}")
    assert answer.status_code == 302
    with fetch(answer["Location"]) as got, zipfile.ZipFile(io.BytesIO(got.read())) as archive:
        assert got.headers["Content-Type"] == "application/zip"
        assert any(archive.read(name) == b"words" for name in archive.namelist())


def test_a_bucket_out_of_reach_is_503_and_no_crash(bucket, group, owner, settings):
    row = processed(uploaded(owner, group, b"words"))
    unreachable = {**bucket.storage["OPTIONS"], "endpoint_url": "http://127.0.0.1:9"}
    settings.STORAGES = {**settings.STORAGES, "default": {**bucket.storage, "OPTIONS": unreachable}}
    file = SimpleUploadedFile("a.bin", b"words")
    answer = client_of(owner).post(address(group), {"file": file}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert Attachment.objects.get().pk == row.pk

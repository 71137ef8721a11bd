"""Bodies of uploads at the door of a real server: what memory and disk they take, and what is left of a refused one."""

import http.client
import json
import os
import resource
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from attachments.enums import AttachmentStatus
from attachments.models import Attachment
from tests.attachments.files import address, client_of
from tests.clients import signed_in

MEBIBYTE = 1024 * 1024
BOUNDARY = "a-boundary"
HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="film.bin"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


def form(size: int, piece: int = 256 * 1024) -> Iterator[bytes]:
    """Yield a form with a file of so many bytes."""
    yield HEAD
    for start in range(0, size, piece):
        yield b"x" * min(piece, size - start)
    yield TAIL


@contextmanager
def files_of_at_most(size: int, pid: int = 0) -> Iterator[None]:
    """Have a process find the disk full at so many bytes of a file."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def upload(live_chat, group, owner):
    """Sends a form to a group by the server; returns the status and the answer."""
    bearer = f"Bearer {signed_in(owner).tokens.access}"

    def sent(size, *, chunked=False):
        connection = http.client.HTTPConnection("localhost", live_chat.port, timeout=30)
        headers = {"Authorization": bearer, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        if not chunked:
            headers["Content-Length"] = str(len(HEAD) + size + len(TAIL))
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", address(group), body=form(size), headers=headers, encode_chunked=chunked)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        return answer.status, body

    return sent


def peak_bytes(pid: int) -> int:
    """Return how much memory a process had at most since `forget_peak`."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]) * 1024


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_hundred_mebibytes_take_few_of_memory(live_chat, upload, chunked):
    assert upload(3 * MEBIBYTE, chunked=chunked)[0] == 201
    [process] = live_chat.processes
    forget_peak(process.pid)
    before = peak_bytes(process.pid)
    status, row = upload(100 * MEBIBYTE, chunked=chunked)
    assert (status, row["size"]) == (201, 100 * MEBIBYTE)
    assert peak_bytes(process.pid) - before < 16 * MEBIBYTE


def test_somebody_has_few_uploads_open_at_once(live_chat, upload, group, owner):
    bearer = f"Bearer {signed_in(owner).tokens.access}"

    def begun() -> socket.socket:
        connection = socket.create_connection(("localhost", live_chat.port), timeout=30)
        head = (
            f"POST {address(group)} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {bearer}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {3 * MEBIBYTE}\r\n"
        )
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        # Said when the body is wanted: it was admitted.
        assert connection.recv(12) == b"HTTP/1.1 100"
        return connection

    open_ones = [begun() for _ in range(settings.OPEN_UPLOADS)]
    status, problem = upload(2 * MEBIBYTE)
    assert (status, problem["code"]) == (409, "too_many_uploads")
    assert upload(1000)[0] == 201
    for connection in open_ones:
        connection.close()
    deadline = time.monotonic() + 20
    while upload(2 * MEBIBYTE)[0] != 201:
        assert time.monotonic() < deadline


def test_a_form_in_chunks_that_grows_too_large_is_cut(upload):
    status, problem = upload(settings.ATTACHMENT_MAX_BYTES + 2 * MEBIBYTE, chunked=True)
    assert (status, problem["code"]) == (413, "too_large")
    assert not Attachment.objects.exists()


def test_a_full_disk_is_a_problem_that_leaves_nothing_and_ends_with_it(live_chat, upload):
    [process] = live_chat.processes
    before = stored()
    with files_of_at_most(2 * MEBIBYTE, process.pid):
        status, problem = upload(4 * MEBIBYTE)
        assert (status, problem["code"]) == (503, "storage_full")
    assert stored() == before
    assert not Attachment.objects.exists()
    assert upload(4 * MEBIBYTE)[0] == 201


def read_bytes(pid: int) -> int:
    """Return how many bytes a process has asked of files, sockets and pipes."""
    return int(Path(f"/proc/{pid}/io").read_text().splitlines()[0].split()[1])


def test_a_range_of_a_large_file_reads_that_range_alone(live_chat, upload, group, owner):
    status, body = upload(100 * MEBIBYTE)
    assert status == 201
    Attachment.objects.filter(id=body["id"]).update(status=AttachmentStatus.READY)
    [process] = live_chat.processes
    bearer = {"Authorization": f"Bearer {signed_in(owner).tokens.access}"}
    connection = http.client.HTTPConnection("localhost", live_chat.port, timeout=30)

    def part(first: int, last: int) -> bytes:
        path = address(group, f"attachments/{body['id']}/content")
        connection.request("GET", path, headers={**bearer, "Range": f"bytes={first}-{last}"})
        answer = connection.getresponse()
        assert answer.status == 206
        return answer.read()

    middle = 50 * MEBIBYTE
    assert part(middle, middle + 9) == b"x" * 10
    before = read_bytes(process.pid)
    assert part(middle, middle + 2 * MEBIBYTE - 1) == b"x" * (2 * MEBIBYTE)
    # What comes by sockets is counted too.
    assert 2 * MEBIBYTE <= read_bytes(process.pid) - before < 3 * MEBIBYTE
    connection.close()


@pytest.mark.django_db
@pytest.mark.parametrize("size", [2 * MEBIBYTE, 4 * MEBIBYTE])
def test_nothing_is_left_of_a_file_that_the_storage_has_no_room_for(settings, tmp_path, group, owner, size):
    settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "media", tmp_path
    client = client_of(owner)
    file = SimpleUploadedFile("a.bin", b"x" * size)
    with files_of_at_most(MEBIBYTE):
        answer = client.post(address(group), {"file": file}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_full")
    assert not Attachment.objects.exists()
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]


@pytest.mark.django_db
def test_a_large_file_is_moved_into_the_storage_whole(settings, tmp_path, group, owner):
    settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "media", tmp_path
    data = secrets.token_bytes(3 * MEBIBYTE)
    answer = client_of(owner).post(address(group), {"file": SimpleUploadedFile("a.bin", data)}, format="multipart")
    row = Attachment.objects.get(id=answer.json()["id"])
    stored_at = tmp_path / "media" / row.object_key
    assert stored_at.read_bytes() == data
    assert stored_at.stat().st_mode & 0o777 == 0o600


def stored() -> set[str]:
    """Return the names of all files of the storage, and of those on their way there."""
    roots = (settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR)
    return {os.path.join(place, name) for root in roots for place, _, names in os.walk(root) for name in names}


def test_an_address_that_is_signed_takes_its_size_at_the_door_and_nothing_else(live_chat, group, owner):
    bearer = {"Authorization": f"Bearer {signed_in(owner).tokens.access}"}
    connection = http.client.HTTPConnection("localhost", live_chat.port, timeout=30)

    def call(method, path, body=None, *, chunked=False, **headers):
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(method, path, body=body, headers=headers, encode_chunked=chunked)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, json.loads(data) if data else None

    size = 3 * MEBIBYTE
    begin = json.dumps({"file_name": "a.bin", "size": size, "mime_type": "video/mp4"})
    json_headers = {**bearer, "Content-Type": "application/json"}
    status, begun = call("POST", address(group, "attachments/presign"), begin, **json_headers)
    assert status == 201
    upload = begun["upload"]
    assert upload["url"].startswith(f"{live_chat.url}/api/v1/")
    path = upload["url"].removeprefix(live_chat.url)
    octets = upload["headers"]
    for data, chunked in ((b"x" * (size + 1), False), (iter([b"x" * MEBIBYTE] * 4), True)):
        assert call("PUT", path, data, chunked=chunked, **octets, **_length(chunked))[0] == 413
    assert call("PUT", path.replace("size=", "size=9"), b"x" * size, **octets)[1]["code"] == "upload_address_invalid"
    pieces = iter([b"x" * MEBIBYTE] * 3)
    assert call("PUT", path, pieces, chunked=True, **octets, **_length(True)) == (204, None)
    status, row = call("POST", address(group, f"attachments/{begun['attachment']['id']}/complete"), **bearer)
    assert (status, row["status"], row["size"]) == (200, "UPLOADED", size)


def _length(chunked: bool) -> dict[str, str]:
    return {"Transfer-Encoding": "chunked"} if chunked else {}

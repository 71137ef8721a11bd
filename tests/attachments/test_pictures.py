"""Pictures of every kind from upload to READY, and what only looks like one."""

import io
import os
import struct
import zlib

import pytest
from PIL import Image
from prometheus_client import REGISTRY

from attachments.enums import AttachmentStatus
from tests.accounts.pictures import HEIC
from tests.attachments.files import address, client_of, content_of, photo, processed, send, uploaded

pytestmark = pytest.mark.django_db


def saved(image, kind, **options):
    """Return a picture as a file."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def avif(*, transparent=False):
    """Return an AVIF."""
    colour = (200, 30, 30, 90) if transparent else (200, 30, 30)
    return saved(Image.new("RGBA" if transparent else "RGB", (60, 40), colour), "AVIF")


def png_of(width, height):
    """Return a PNG that says that it is so large, and is small as a file."""

    def chunk(kind, data):
        return struct.pack("!L", len(data)) + kind + data + struct.pack("!L", zlib.crc32(kind + data))

    head = struct.pack("!LLBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "told", "becomes", "name"),
    [
        (HEIC, "image/heic", "image/jpeg", "me.jpg"),
        (avif(), "image/avif", "image/jpeg", "me.jpg"),
        (avif(transparent=True), "image/avif", "image/webp", "me.webp"),
    ],
)
def test_a_picture_that_not_every_browser_shows_becomes_one_that_does(group, owner, data, told, becomes, name):
    row = uploaded(owner, group, data, "me.pic")
    assert row.mime_type == told
    assert send(owner, group, attachment_ids=[row.id]).json()["type"] == "IMAGE"
    row = processed(row)
    assert (row.status, row.error, row.mime_type, row.file_name) == (AttachmentStatus.READY, "", becomes, name)
    answer = client_of(owner).get(address(group, f"attachments/{row.id}/content"))
    assert answer["Content-Type"] == becomes
    kept = content_of(answer)
    assert b"Camera of Somebody" not in kept
    assert len(kept) == row.size
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (row.width, row.height)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (png_of(16_000, 12_000), "It has more pixels than are read here."),
        (png_of(100_000, 1_000), "It has more pixels than are read here."),
        (avif()[:200], "It is broken, or not what it says it is."),
        (HEIC[:500], "It is broken, or not what it says it is."),
        (b"GIF89a<script>alert(1)</script>", "It is broken, or not what it says it is."),
        (b"RIFF\xff\0\0\0WEBPVP8 " + os.urandom(300), "It is broken, or not what it says it is."),
    ],
)
def test_a_bomb_or_what_only_looks_like_a_picture_fails_with_a_reason(group, owner, data, reason):
    row = processed(uploaded(owner, group, data))
    assert (row.status, row.error) == (AttachmentStatus.FAILED, reason)


def test_a_picture_is_given_out_small_and_smaller_where_it_is_asked_for(group, owner):
    row = processed(uploaded(owner, group, saved(Image.new("RGB", (2000, 1000), (9, 90, 9)), "JPEG")))
    for query, size in (("", (320, 160)), ("?size=thumbnail", (320, 160)), ("?size=preview", (1280, 640))):
        answer = client_of(owner).get(address(group, f"attachments/{row.id}/thumbnail{query}"))
        assert answer["Content-Type"] == "image/webp"
        with Image.open(io.BytesIO(content_of(answer))) as image:
            assert image.size == size


def test_what_hangs_on_a_picture_is_gone_from_what_is_given_out(group, owner):
    row = processed(uploaded(owner, group, photo() + b"PK\3\4 and a whole archive <script>alert(1)</script>"))
    assert (row.status, row.mime_type) == (AttachmentStatus.READY, "image/jpeg")
    kept = content_of(client_of(owner).get(address(group, f"attachments/{row.id}/content")))
    assert b"<script>" not in kept


def test_the_time_of_each_step_stands_in_the_metrics(group, owner):
    def counted(step):
        return REGISTRY.get_sample_value("chat_file_step_seconds_count", {"step": step}) or 0

    steps = ("size", "sniff", "scan", "media", "metadata", "decode", "strip", "thumbnail", "preview", "store", "finish")
    before = {step: counted(step) for step in steps}
    processed(uploaded(owner, group, photo()))
    assert {step: counted(step) > before[step] for step in steps} == dict.fromkeys(steps, True)

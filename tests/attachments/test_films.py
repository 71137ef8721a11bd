"""Films and sounds from upload to message, made by PyAV and read again by it."""

import io
import os
from typing import Any

import av
import pytest
from PIL import Image

from accounts.models import DiscardedObject
from attachments.enums import AttachmentStatus
from tests.attachments.files import address, client_of, content_of, processed, send, uploaded
from tests.attachments.recordings import HEIGHT, PLACE, TITLE, WIDTH, film

pytestmark = pytest.mark.django_db

SOUNDS = {
    "ogg": ("libopus", "audio/ogg"),
    "mp3": ("libmp3lame", "audio/mpeg"),
    "wav": ("pcm_s16le", "audio/wav"),
    "flac": ("flac", "audio/flac"),
    "ipod": ("aac", "audio/mp4"),
    "webm": ("libopus", "audio/webm"),
    # Which name no kind of their own, and their tracks at the end.
    "mp4": ("aac", "audio/mp4"),
    "mov": ("aac", "audio/mp4"),
    "matroska": ("libopus", "audio/x-matroska"),
}
FILMS = {
    "mp4": ("libx264", "aac", "video/mp4"),
    "mov": ("mpeg4", "aac", "video/quicktime"),
    "webm": ("libvpx-vp9", "libopus", "video/webm"),
    "matroska": ("libx264", "libopus", "video/x-matroska"),
}


def got(user: Any, group: Any, row: Any, rest: str) -> bytes:
    """Return what is given out of a file."""
    return content_of(client_of(user).get(address(group, f"attachments/{row.id}/{rest}")))


@pytest.mark.parametrize("container", FILMS)
def test_a_film_is_told_measured_and_shown(group, owner, member, container):
    video, audio, mime_type = FILMS[container]
    row = uploaded(owner, group, film(container, video=video, audio=audio), "film.bin")
    assert row.mime_type == mime_type
    sent = send(owner, group, attachment_ids=[row.id]).json()
    assert sent["type"] == "VIDEO"
    first_key = row.object_key
    row = processed(row)
    assert (row.status, row.error, row.mime_type) == (AttachmentStatus.READY, "", mime_type)
    assert (row.width, row.height, row.waveform) == (WIDTH, HEIGHT, None)
    assert row.duration == pytest.approx(2.0, abs=0.1)
    assert DiscardedObject.objects.filter(key=first_key).exists()
    with Image.open(io.BytesIO(got(member, group, row, "thumbnail"))) as image:
        assert (image.format, image.size) == ("WEBP", (WIDTH, HEIGHT))
        red, green, blue = image.convert("RGB").getpixel((10, 10))
        assert red > 150 > max(green, blue)
    shown = client_of(member).get(address(group, f"messages/{sent['id']}")).json()
    assert shown["version"] == sent["version"] + 1
    assert shown["attachments"][0]["duration"] == row.duration
    assert shown["attachments"][0]["thumbnail_url"]
    assert shown["attachments"][0]["placeholder"].startswith("data:image/webp")


@pytest.mark.parametrize("container", FILMS)
def test_a_film_keeps_its_streams_and_loses_what_was_noted_of_it(group, owner, container):
    video, audio, _ = FILMS[container]
    data = film(container, video=video, audio=audio)
    assert TITLE.encode() in data
    row = processed(uploaded(owner, group, data))
    kept = got(owner, group, row, "content")
    assert TITLE.encode() not in kept
    assert PLACE[:8].encode() not in kept
    with av.open(io.BytesIO(kept)) as file:
        assert [each.type for each in file.streams] == ["video", "audio"]
        assert len(list(file.decode(video=0))) == 20


def test_what_a_film_ends_with_is_moved_to_its_beginning(group, owner):
    data = film()
    assert data.index(b"moov") > data.index(b"mdat")
    row = processed(uploaded(owner, group, data))
    kept = got(owner, group, row, "content")
    assert kept.index(b"moov") < kept.index(b"mdat")


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_film_that_was_taken_on_its_side_is_measured_upright_and_stays_turned(group, owner, turned):
    row = processed(uploaded(owner, group, film(turned=turned)))
    size = (WIDTH, HEIGHT) if turned == 180 else (HEIGHT, WIDTH)
    assert (row.width, row.height) == size
    with Image.open(io.BytesIO(got(owner, group, row, "thumbnail"))) as image:
        assert image.size == size
    with av.open(io.BytesIO(got(owner, group, row, "content"))) as file:
        assert next(file.decode(video=0)).rotation % 360 == turned


@pytest.mark.parametrize("container", SOUNDS)
def test_a_sound_has_a_waveform_that_its_message_shows(group, owner, member, container):
    codec, mime_type = SOUNDS[container]
    row = uploaded(owner, group, film(container, video=None, audio=codec), "voice.bin")
    assert row.mime_type == mime_type
    sent = send(owner, group, attachment_ids=[row.id]).json()
    assert sent["type"] == "AUDIO"
    row = processed(row)
    assert (row.status, row.error, row.width, row.thumbnail_key) == (AttachmentStatus.READY, "", None, None)
    assert row.duration == pytest.approx(2.0, abs=0.1)
    shown = client_of(member).get(address(group, f"messages/{sent['id']}")).json()
    waveform = shown["metadata"]["waveform"][row.id]
    assert len(waveform) == 64
    assert max(waveform[:30]) < 10
    assert max(waveform[34:]) == 100
    assert "waveform" not in shown["attachments"][0]
    assert TITLE.encode() not in got(member, group, row, "content")


def cut(data: bytes) -> bytes:
    """Return two thirds of a file."""
    return data[: len(data) * 2 // 3]


BAD = {
    "cut, with its index at its end": lambda: cut(film()),
    "cut webm": lambda: cut(film("webm", video="libvpx-vp9", audio="libopus")),
    "cut wav": lambda: cut(film("wav", video=None, audio="pcm_s16le")),
    "cut mp3": lambda: cut(film("mp3", video=None, audio="libmp3lame")),
    "noise called MP4": lambda: b"\0\0\0\x18ftypisom\0\0\2\0isommp41" + os.urandom(5000),
    "noise called WebM": lambda: b"\x1aE\xdf\xa3" + os.urandom(5000),
    "noise called Ogg": lambda: b"OggS" + os.urandom(5000),
    "noise called WAV": lambda: b"RIFF\xff\xff\xff\x7fWAVEfmt " + os.urandom(5000),
    "noise called FLAC": lambda: b"fLaC" + os.urandom(5000),
    "noise called MP3": lambda: b"ID3\4\0\0\0\0\0\0" + os.urandom(5000),
    "a page that begins like a film": lambda: b"\0\0\0\x18ftypisom<script>alert(1)</script>" + b" " * 500,
    "a head alone": lambda: b"\0\0\0\x18ftypisom\0\0\2\0isommp41",
    "a script that begins like a sound": lambda: b"OggS<script>alert(1)</script>",
    "a playlist in a film": lambda: b"\0\0\0\x14ftypisom#EXTM3U\nfile:///etc/passwd\n",
}


@pytest.mark.parametrize("what", BAD)
def test_a_film_or_sound_that_is_none_fails_with_a_reason(group, owner, what):
    row = processed(uploaded(owner, group, BAD[what]()))
    assert (row.status, row.is_processed) == (AttachmentStatus.FAILED, True)
    assert row.error
    answer = client_of(owner).get(address(group, f"attachments/{row.id}/content"))
    assert (answer.status_code, answer.json()["code"]) == (409, "attachment_not_ready")

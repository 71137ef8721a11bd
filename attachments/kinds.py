"""What a file is, by its bytes, and what it may be called."""

import os
import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import IO

GENERIC = "application/octet-stream"
NAME_MAX_LENGTH = 255

# Two frames of an MP3, and where Matroska names its tracks, behind room that some writers leave.
_HEAD_BYTES = 16 * 1024
# How many boxes of ISO base media are looked at beside each other.
_MOST_BOXES = 64

_FALLBACK = "file"
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
# The first brand of an ISO base media file. Others are MP4.
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"hevc": "image/heic",
    b"hevx": "image/heic",
    b"mif1": "image/heic",
    b"msf1": "image/heic",
    b"qt  ": "video/quicktime",
    b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp",
    b"3gp6": "video/3gpp",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
}

# Browsers show these and run nothing in them; each was made anew before it is served.
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
# Pictures that not every browser shows: a JPEG or a WebP stands for them.
CONVERTED_PICTURES = frozenset({"image/heic", "image/avif"})
# FFmpeg's readers and writers of films and sounds.
CONTAINERS = {
    "video/mp4": ("mov", "mp4"),
    "video/quicktime": ("mov", "mov"),
    "video/3gpp": ("mov", "3gp"),
    "video/webm": ("matroska", "webm"),
    "video/x-matroska": ("matroska", "matroska"),
    "video/ogg": ("ogg", "ogg"),
    "audio/mp4": ("mov", "mp4"),
    "audio/webm": ("matroska", "webm"),
    "audio/x-matroska": ("matroska", "matroska"),
    "audio/ogg": ("ogg", "ogg"),
    "audio/mpeg": ("mp3", "mp3"),
    "audio/wav": ("wav", "wav"),
    "audio/flac": ("flac", "flac"),
}
# The element of Matroska that names a track's codec: V_VP9, A_OPUS.
_CODEC = re.compile(rb"\x86[\x83-\xa0]([AV])_[A-Z]")
# Kilobits a second by an MPEG frame's index, of layer III: of MPEG 1, and of 2 and 2.5.
_BITRATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_SAMPLE_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def sniffed(file: IO[bytes]) -> str:
    """Return the type of a file by its bytes; what is not known here is GENERIC. Where it is read on, is moved."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if head[4:8] == b"ftyp":
        return _iso_media(head, _tracks(file))
    if head.startswith(b"\x1aE\xdf\xa3"):
        return _matroska(head)
    if head.startswith(b"OggS"):
        return "video/ogg" if b"\x80theora" in head[:256] else "audio/ogg"
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], GENERIC)
    if known := next((mime_type for magic, mime_type in _MAGIC if head.startswith(magic)), None):
        return known
    first = _mpeg_frame_length(head)
    return "audio/mpeg" if first and _mpeg_frame_length(head[first:]) else GENERIC


def of_streams(mime_type: str, *, has_video: bool) -> str:
    """Return the type of a film or sound once its streams are known: containers hold either."""
    container = mime_type.partition("/")[2]
    if has_video:
        return f"video/{container}"
    audio = f"audio/{'mp4' if container in ('quicktime', '3gpp') else container}"
    return audio if audio in CONTAINERS else mime_type


def clean_name(name: str) -> str:
    """Return what a file may be called: no folders, no control or bidi characters, its ending kept."""
    base = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(each for each in base if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    kept = kept.strip(" .") or _FALLBACK
    if len(kept) <= NAME_MAX_LENGTH:
        return kept
    stem, dot, ending = kept.rpartition(".")
    if not stem or len(ending) > 16:
        return kept[:NAME_MAX_LENGTH]
    return stem[: NAME_MAX_LENGTH - len(ending) - 1] + dot + ending


def renamed(name: str, mime_type: str) -> str:
    """Return what a converted picture is called."""
    ending = {"image/jpeg": ".jpg", "image/webp": ".webp"}[mime_type]
    stem = name.rpartition(".")[0] or name
    return stem[: NAME_MAX_LENGTH - len(ending)] + ending


def _iso_media(head: bytes, tracks: Collection[bytes]) -> str:
    # An AVIF may name itself by what it is built of, and what it is in the list that follows.
    brands = head[8 : min(int.from_bytes(head[:4], "big"), 256)]
    if b"avif" in brands or b"avis" in brands:
        return "image/avif"
    brand = _BRANDS.get(head[8:12], "video/mp4")
    if brand.startswith("image/") or not {b"vide", b"soun"}.intersection(tracks):
        return brand
    return of_streams(brand, has_video=b"vide" in tracks)


def _tracks(file: IO[bytes]) -> set[bytes]:
    """Return what the tracks of ISO base media hold, wherever in the file they are named."""
    places = [(0, file.seek(0, os.SEEK_END))]
    for name in (b"moov", b"trak", b"mdia", b"hdlr"):
        inside = [(start, end) for place in places for kind, start, end in _boxes(file, *place) if kind == name]
        places = inside[:_MOST_BOXES]
    return {_at(file, start + 8, 4) for start, _ in places}


def _boxes(file: IO[bytes], start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name of each box of a part of a file, and where what is in it begins and ends."""
    for _ in range(_MOST_BOXES):
        head = _at(file, start, 16)
        size, length = int.from_bytes(head[:4], "big"), 8
        if size == 0:
            size = end - start
        elif size == 1:
            size, length = int.from_bytes(head[8:], "big"), 16
        if size < length or start + size > end:
            return
        yield head[4:8], start + length, start + size
        start += size


def _at(file: IO[bytes], place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)


def _matroska(head: bytes) -> str:
    kinds = set(_CODEC.findall(head))
    kind = "audio" if kinds == {b"A"} else "video"
    return f"{kind}/webm" if b"webm" in head[:64] else f"{kind}/x-matroska"


def _mpeg_frame_length(data: bytes) -> int:
    """Return how long the frame of MPEG audio, layer III, is that begins here; 0 where none does."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE6 != 0xE2:
        return 0
    version, rate, sampling = data[1] >> 3 & 3, data[2] >> 4, data[2] >> 2 & 3
    if version == 1 or rate in (0, 15) or sampling == 3:
        return 0
    is_first = version == 3
    bits = _BITRATES[not is_first][rate] * 1000
    return (144 if is_first else 72) * bits // _SAMPLE_RATES[version][sampling] + (data[2] >> 1 & 1)

"""The steps by which a file is checked, each timed: its size, its type, the scanner, and what is made of media."""

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from accounts.discarding import announce_objects
from attachments import films, kinds, pictures, scanner
from attachments.children import BrokenMediaError
from attachments.enums import AttachmentStatus
from attachments.errors import UnscannableError
from attachments.models import Attachment
from attachments.services.quarantine import quarantined, released
from chat_project.core.metrics import FILE_STEPS, timed_step
from chat_project.core.storage import objects

# Columns of a file, as they will be.
Found = dict[str, Any]


class CheckFailedError(Exception):
    """The file can't be given out; says why."""


def checked(row: Attachment) -> Found:
    """Return the columns of a file as they are when it is finished; new objects are stored already.

    Raises ScannerUnavailableError, and what storages raise.
    """
    found: Found = {"status": AttachmentStatus.READY, "is_scanned": False}
    try:
        for name, step in _STEPS:
            with timed_step(name):
                found |= step(row)
            if found["status"] != AttachmentStatus.READY:
                break
    except (CheckFailedError, BrokenMediaError) as error:
        found |= failed(str(error))
    except FileNotFoundError:
        found |= failed("The file is gone.")
    return found


def failed(reason: str) -> Found:
    """Return the columns of a file that can't be given out."""
    return {"status": AttachmentStatus.FAILED, "error": reason}


def _size(row: Attachment) -> Found:
    size = objects.stat(row.object_key).size
    if size == 0:
        raise CheckFailedError("The file is empty.")
    if size != row.size:
        raise CheckFailedError("The file is not whole.")
    return {}


def _sniff(row: Attachment) -> Found:
    with default_storage.open(row.object_key) as file:
        row.mime_type = kinds.sniffed(file)
    return {"mime_type": row.mime_type}


def _scan(row: Attachment) -> Found:
    if not scanner.is_configured():
        return {}
    try:
        with default_storage.open(row.object_key) as file:
            virus = scanner.find_virus(file)
    except UnscannableError:
        raise CheckFailedError("The scanner takes no file of this size.") from None
    if virus is None:
        return {"is_scanned": True}
    key = quarantined(row.object_key)
    return {"is_scanned": True, "status": AttachmentStatus.INFECTED, "scan_result": virus[:255], "object_key": key}


def _media(row: Attachment) -> Found:
    if row.mime_type in kinds.CONTAINERS:
        return _film(row)
    if row.mime_type in kinds.PICTURES | kinds.CONVERTED_PICTURES:
        return _picture(row)
    return {"object_key": released(row.object_key)}


_STEPS: tuple[tuple[str, Callable[[Attachment], Found]], ...] = (
    ("size", _size),
    ("sniff", _sniff),
    ("scan", _scan),
    ("media", _media),
)


def _picture(row: Attachment) -> Found:
    with _local(row.object_key) as file:
        picture = pictures.made_anew(file, mime_type=row.mime_type)
    _observe(picture.seconds)
    is_converted = picture.mime_type != row.mime_type
    return {
        "mime_type": picture.mime_type,
        "file_name": kinds.renamed(row.file_name, picture.mime_type) if is_converted else row.file_name,
        "width": picture.width,
        "height": picture.height,
        **_small(picture),
        **_kept(ContentFile(picture.content)),
    }


def _film(row: Attachment) -> Found:
    with _local(row.object_key) as file, films.rewritten(file, mime_type=row.mime_type) as film:
        _observe(film.seconds)
        return {
            "mime_type": film.mime_type,
            "width": film.width,
            "height": film.height,
            "duration": film.duration,
            "waveform": film.waveform,
            **(_of_frame(film.frame) if film.frame else {}),
            **_kept(File(film.content)),
        }


def _of_frame(frame: bytes) -> Found:
    with tempfile.TemporaryFile() as file:
        file.write(frame)
        file.flush()
        picture = pictures.made_anew(file, mime_type="image/png")
    _observe({step: picture.seconds[step] for step in ("thumbnail", "preview", "placeholder")})
    return _small(picture)


def _small(picture: pictures.Picture) -> Found:
    return {
        "placeholder": picture.placeholder,
        "thumbnail_key": _stored(ContentFile(picture.thumbnail)),
        "preview_key": _stored(ContentFile(picture.preview)),
    }


def _kept(content: "File[bytes]") -> Found:
    return {"size": content.size, "object_key": _stored(content)}


def _stored(content: "File[bytes]") -> str:
    key = f"attachments/{secrets.token_hex(16)}"
    with timed_step("store"):
        announce_objects(key)
        return default_storage.save(key, content)


@contextmanager
def _local(key: str) -> Iterator[IO[bytes]]:
    """Give a stored file with a descriptor, which a child can have as its input."""
    with default_storage.open(key) as stored:
        try:
            stored.fileno()
        except (AttributeError, OSError):
            # A storage that is no directory of this machine.
            with tempfile.TemporaryFile() as copy:
                shutil.copyfileobj(stored, copy)
                copy.flush()
                yield copy
        else:
            yield stored


def _observe(seconds: Mapping[str, float]) -> None:
    for step, taken in seconds.items():
        FILE_STEPS.labels(step).observe(taken)

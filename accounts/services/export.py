"""All that is somebody's, as a ZIP of JSON and files. docs/operations.md says what is in it."""

import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO

import orjson
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from chat_project.core.api.renderers import encode, rfc3339
from chat_project.core.exports import Row, Section, StoredFile, sections

FORMAT_VERSION = 1
ROWS_AT_A_TIME = 1000
REPORT_EVERY_SECONDS = 1.0

_README = """\
All that is yours at {site}, as it stood at {time}.

manifest.json   what is in here: each file of rows and how many rows it has
*.json          your rows, a list each; times are in UTC
files/          what you uploaded, in folders named after the rows of attachments.json; your picture is avatar.webp
"""

Progress = Callable[[int, int], None]


def write_export(*, user_id: str, target: IO[bytes], progress: Progress) -> None:
    """Write the export of a person to a file, in constant memory, however much there is.

    `progress` gets how many rows are written, and of how many, about every second; what it raises ends the export.
    """
    parts = sections()
    total = sum(section.rows(user_id).count() for section in parts)
    counter = _Counter(total, progress)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        counts = {f"{section.name}.json": _write_section(archive, section, user_id, counter) for section in parts}
        made_at = rfc3339(timezone.now())
        manifest = {"format": FORMAT_VERSION, "user_id": user_id, "created_at": made_at, "rows": counts}
        archive.writestr("manifest.json", encode(manifest))
        archive.writestr("README.txt", _README.format(site=settings.SITE_NAME, time=made_at))
    progress(counter.done, max(total, counter.done))


class _Counter:
    """Counts rows, and says so about once a second."""

    def __init__(self, total: int, progress: Progress) -> None:
        self.done = 0
        self._total = total
        self._progress = progress
        self._said_at = time.monotonic()
        progress(0, total)

    def step(self) -> None:
        """Count one row. Others may be added meanwhile: there are never more done than in all."""
        self.done += 1
        self.say()

    def say(self) -> None:
        """Say how far it is, unless that was said a moment ago."""
        now = time.monotonic()
        if now - self._said_at >= REPORT_EVERY_SECONDS:
            self._said_at = now
            self._progress(self.done, max(self._total, self.done))


def _write_section(archive: zipfile.ZipFile, section: Section, user_id: str, counter: _Counter) -> int:
    """Write a section's rows, then their files: an archive has one open file at a time. Returns how many rows."""
    count = 0
    with tempfile.TemporaryFile(dir=settings.DATA_DIR) as spool:
        _read_rows(section, user_id, spool)
        with archive.open(_entry(f"{section.name}.json"), "w", force_zip64=True) as file:
            file.write(b"[")
            for row in _spooled(spool):
                file.write(b",\n" if count else b"\n")
                file.write(encode({key: value for key, value in row.items() if key not in section.hidden}))
                count += 1
                counter.step()
            file.write(b"\n]\n")
        for row in _spooled(spool):
            _write_files(archive, section.files(row), counter)
    return count


@transaction.atomic
def _read_rows(section: Section, user_id: str, spool: IO[bytes]) -> None:
    """Write a section's rows to a file, a line each.

    In a transaction that does nothing else: a cursor that outlives one is lost behind a pooler, and what is told of
    the progress would not be seen from within.
    """
    for row in section.rows(user_id).iterator(chunk_size=ROWS_AT_A_TIME):
        spool.write(encode(row))
        spool.write(b"\n")


def _spooled(spool: IO[bytes]) -> Iterator[Row]:
    spool.seek(0)
    return map(orjson.loads, spool)


def _write_files(archive: zipfile.ZipFile, files: Iterable[StoredFile], counter: _Counter) -> None:
    for each in files:
        try:
            source = default_storage.open(each.key)
        # What the storage has lost can't be given; the row stands in its list.
        except FileNotFoundError:
            continue
        with source, archive.open(_entry(f"files/{_safe(each.name)}"), "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target, 1024 * 1024)
        counter.say()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=timezone.now().timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _safe(name: str) -> str:
    """Return a name that unpacks below the folder it is unpacked in."""
    return "/".join(part.replace("\\", "_") for part in name.split("/") if part not in ("", ".", ".."))

"""Objects in a directory of this machine."""

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

from chat_project.core.storage import ObjectChangedError, Stat, UploadForm

_CHUNK = 256 * 1024


@deconstructible(path="chat_project.core.storage.local.LocalStorage")
class LocalStorage(FileSystemStorage):
    """Django's own, with what ObjectStorage asks for. A key's bytes are exchanged as a whole, never changed."""

    def stat(self, key: str) -> Stat:
        """See ObjectStorage."""
        return _stat(self.path(key))

    def copy(self, source: str, target: str, *, etag: str = "") -> None:
        """See ObjectStorage. The copy is a hard link: it keeps its bytes whatever becomes of the other name."""
        link = self.path(target)
        self._make_directory(link)
        try:
            os.link(self.path(source), link)
        except FileNotFoundError:
            raise
        except OSError:
            # A file system without links, or without one more of this file.
            with self.open(source) as file:
                self.save(target, file)
            return
        if etag and _stat(link).etag != etag:
            os.unlink(link)
            raise ObjectChangedError

    def keys_before(self, prefix: str, moment: datetime) -> Iterator[str]:
        """See ObjectStorage."""
        with suppress(FileNotFoundError), os.scandir(self.path(prefix)) as entries:
            for entry in entries:
                if datetime.fromtimestamp(entry.stat().st_mtime, UTC) < moment:
                    yield f"{prefix}/{entry.name}"

    def upload_form(self, key: str, *, size: int, seconds: int) -> UploadForm | None:
        """Return None: this server takes the upload."""
        return None

    def download_url(self, key: str, *, method: str, content_type: str, disposition: str, seconds: int) -> str | None:
        """Return None: this server gives the object."""
        return None

    def replace(self, key: str, file: IO[bytes]) -> None:
        """See ObjectStorage."""
        path = self.path(key)
        self._make_directory(path)
        part = f"{path}.{secrets.token_hex(4)}.part"
        try:
            with open(part, "xb") as target:
                if self.file_permissions_mode is not None:
                    os.chmod(part, self.file_permissions_mode)
                while chunk := file.read(_CHUNK):
                    target.write(chunk)
                # Rows that name it are on the disk after their commit, whatever happens to the power: so must it be.
                target.flush()
                os.fsync(target.fileno())
            os.replace(part, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
            raise

    def _make_directory(self, path: str) -> None:
        mode = self.directory_permissions_mode
        Path(path).parent.mkdir(mode=0o777 if mode is None else mode, parents=True, exist_ok=True)


def _stat(path: str) -> Stat:
    found = os.stat(path)
    return Stat(found.st_size, f"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}")

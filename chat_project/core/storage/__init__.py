"""The default storage as the chat uses it: what a directory and a bucket both can beyond Django's own interface."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol, cast

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import default_storage

GENERIC_TYPE = "application/octet-stream"
# What storages raise where they are out of reach, or refuse.
STORAGE_ERRORS = (OSError, BotoCoreError, ClientError)


class ObjectChangedError(Exception):
    """The object is not the one any more that was looked at."""


@dataclass(frozen=True, slots=True)
class Stat:
    """An object as it is: `etag` changes with its bytes."""

    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class UploadForm:
    """How a client brings one object to the storage itself."""

    url: str
    fields: dict[str, str]


class ObjectStorage(Protocol):
    """What both storages can."""

    def stat(self, key: str) -> Stat:
        """Return an object's size and etag. Raises FileNotFoundError."""

    def copy(self, source: str, target: str, *, etag: str = "") -> None:
        """Copy an object within the storage, if it is still the one of `etag`.

        Raises FileNotFoundError, ObjectChangedError.
        """

    def replace(self, key: str, file: IO[bytes]) -> None:
        """Store a file under a key, in place of what is there; a reader sees the one or the other."""

    def keys_before(self, prefix: str, moment: datetime) -> Iterator[str]:
        """Yield the keys right below a prefix whose objects were written before a moment."""

    def upload_form(self, key: str, *, size: int, seconds: int) -> UploadForm | None:
        """Return a form for this key, this size and GENERIC_TYPE alone; None where this server takes the upload."""

    def download_url(self, key: str, *, method: str, content_type: str, disposition: str, seconds: int) -> str | None:
        """Return an address that gives one object as what it is named; None where this server gives it."""


objects = cast(ObjectStorage, default_storage)

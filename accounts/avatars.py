"""Where avatars lie: in the default storage, under keys that hold no names, each in two sizes."""

import secrets
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from chat_project.core.pictures import square_pictures

CONTENT_TYPE = "image/webp"
SIDE = 512
SMALL_SIDE = 128

_SUFFIX = ".webp"


def make_avatar(file: IO[bytes]) -> tuple[bytes, bytes]:
    """Return somebody's picture as the two squares that are kept of it, the large and the small.

    Raises: InvalidError of `file`, UnavailableError; see `square_pictures`.
    """
    large, small = square_pictures(file, sides=(SIDE, SMALL_SIDE))
    return large, small


def new_avatar_key() -> str:
    """Return a key for a picture that is to be stored: random, and never used twice."""
    return f"avatars/{secrets.token_hex(16)}{_SUFFIX}"


def store_avatar(image: bytes, *, small: bytes | None = None, key: str | None = None) -> str:
    """Store a finished WebP and return its key, for `avatar_key` of a person or a conversation."""
    stored = default_storage.save(key or new_avatar_key(), ContentFile(image))
    if small is not None:
        default_storage.save(small_key(stored), ContentFile(small))
    return stored


def read_avatar(key: str, *, small: bool = False) -> bytes | None:
    """Return a stored picture, the small one where that is wanted and there; None where the storage has neither."""
    for each in (small_key(key), key) if small else (key,):
        try:
            with default_storage.open(each) as file:
                return file.read()
        except FileNotFoundError:
            continue
    return None


def delete_avatar(key: str) -> None:
    """Delete a stored picture. One that is gone already is no error."""
    for each in avatar_keys(key):
        default_storage.delete(each)


def avatar_keys(key: str) -> tuple[str, str]:
    """Return the keys of all that is stored of a picture."""
    return key, small_key(key)


def small_key(key: str) -> str:
    """Return the key of a picture's small square."""
    return f"{key.removesuffix(_SUFFIX)}.small{_SUFFIX}"


def avatar_version(key: str) -> str:
    """Return what changes in a picture's address with the picture; it is random, so it tells nothing."""
    return key.rpartition("/")[2].partition(".")[0]

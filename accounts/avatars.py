"""Where avatars lie: in the default storage, under keys that hold no names."""

import secrets

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

CONTENT_TYPE = "image/webp"


def store_avatar(image: bytes) -> str:
    """Store a finished WebP and return its key, for `avatar_key` of a person or a conversation."""
    return default_storage.save(f"avatars/{secrets.token_hex(16)}.webp", ContentFile(image))


def read_avatar(key: str) -> bytes | None:
    """Return a stored picture; None where the storage does not have it."""
    try:
        with default_storage.open(key) as file:
            return file.read()
    except FileNotFoundError:
        return None


def delete_avatar(key: str) -> None:
    """Delete a stored picture. One that is gone already is no error."""
    default_storage.delete(key)


def avatar_version(key: str) -> str:
    """Return what changes in a picture's address with the picture; it is random, so it tells nothing."""
    return key.rpartition("/")[2].partition(".")[0]

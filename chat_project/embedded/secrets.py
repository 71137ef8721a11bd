"""The copy's keys, SECRET_KEY and that of Web Push: made at first use, kept in DATA_DIR."""

import base64
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from chat_project.embedded.directories import claim
from chat_project.embedded.errors import ServerError
from chat_project.embedded.layout import Layout

# The order of the curve P-256: a private key is a number below it.
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def secret_key(data_dir: Path) -> str:
    """Return the key of a data directory, making it at first use.

    Processes that race for the first use all return the same key. The file has mode 0600.

    Raises: ServerError where the directory can't be used.
    """
    layout = Layout.of(data_dir)
    return _kept(layout, layout.secret_key_file, lambda: secrets.token_urlsafe(64))


def vapid_private_key(data_dir: Path, *, shared_secret: str = "") -> str:
    """Return the key that Web Push of this copy is signed with, in base64url; otherwise as `secret_key`.

    Machines that are given a SECRET_KEY share no directory: theirs follows from it, and is the same for all.
    """
    if shared_secret:
        return _vapid_key(hmac.digest(shared_secret.encode(), b"chat:vapid", "sha512"))
    layout = Layout.of(data_dir)
    return _kept(layout, layout.vapid_key_file, lambda: _vapid_key(secrets.token_bytes(64)))


def _vapid_key(material: bytes) -> str:
    number = int.from_bytes(material, "big") % (_P256_ORDER - 1) + 1
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")


def _kept(layout: Layout, path: Path, make: Callable[[], str]) -> str:
    try:
        return path.read_text().strip()
    except PermissionError as error:
        raise ServerError(f"{error.filename} can't be read: it, or a directory above it, is another user's") from error
    except OSError:
        claim(layout)
        _create(path, make())
    return path.read_text().strip()


def _create(path: Path, key: str) -> None:
    """Put a fresh key at the path, unless another process was first."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link appears with its content: opened with O_EXCL, the path itself would first stand empty before readers.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

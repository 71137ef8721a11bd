"""The copy's SECRET_KEY: made at first use, kept in DATA_DIR."""

import os
import secrets
from pathlib import Path

from chat_project.embedded.directories import claim
from chat_project.embedded.errors import ServerError
from chat_project.embedded.layout import Layout


def secret_key(data_dir: Path) -> str:
    """Return the key of a data directory, making it at first use.

    Processes that race for the first use all return the same key. The file has mode 0600.

    Raises: ServerError where the directory can't be used.
    """
    layout = Layout.of(data_dir)
    try:
        return layout.secret_key_file.read_text().strip()
    except PermissionError as error:
        raise ServerError(f"{error.filename} can't be read: it, or a directory above it, is another user's") from error
    except OSError:
        claim(layout)
        _create(layout.secret_key_file)
    return layout.secret_key_file.read_text().strip()


def _create(path: Path) -> None:
    """Put a fresh key at the path, unless another process was first."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link appears with its content: opened with O_EXCL, the path itself would first stand empty before readers.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

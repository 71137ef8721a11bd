"""DATA_DIR and the directories in it: made by this copy, readable by nobody else."""

import os
import stat

from chat_project.embedded.errors import ServerError
from chat_project.embedded.layout import Layout

# Names by which a directory is known as a copy's, and what else a copy makes in it. One whose key and servers come from
# the environment makes the others alone.
_MARKS = {"secret_key", "postgres", "run"}
_OTHERS = {
    *("backups", "beat", "logs", "mail", "media", "metrics", "static", "static.stamp", "uploads", "vapid_key"),
}


def claim(layout: Layout) -> None:
    """Make DATA_DIR, or tighten it, so that nobody else can look into it.

    Raises: ServerError where it can't be made or written, or holds other things.
    """
    data_dir = layout.data_dir
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        entries = [name for name in os.listdir(data_dir) if not name.startswith(".") and name != "lost+found"]
    except OSError as error:
        raise ServerError(f"DATA_DIR {data_dir} can't be used: {error.strerror}") from error
    if not _MARKS & set(entries) and set(entries) - _OTHERS:
        raise ServerError(f"DATA_DIR {data_dir} holds other things: give it a directory of its own")
    # As root the embedded database runs as another user, who has to pass through.
    _tighten(layout, 0o711 if os.geteuid() == 0 else 0o700)
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise ServerError(f"DATA_DIR {data_dir} can't be written")


def _tighten(layout: Layout, most: int) -> None:
    mode = stat.S_IMODE(layout.data_dir.stat().st_mode)
    if mode & ~most == 0:
        return
    try:
        layout.data_dir.chmod(mode & most)
    except OSError as error:
        raise ServerError(f"DATA_DIR {layout.data_dir} is open to others and belongs to another user") from error

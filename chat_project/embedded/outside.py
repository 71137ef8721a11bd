"""Where root's servers keep what their user can't get at, as when the checkout is below /root."""

import secrets
import shutil
from pathlib import Path

from chat_project.embedded.errors import ServerError
from chat_project.embedded.installation import Installation
from chat_project.embedded.layout import Layout

_STATE = Path("/var/lib")


def directory(layout: Layout) -> Path:
    """Make and return a copy's directory outside: root's own, with a way through for all.

    Raises: ServerError where it can't be made.
    """
    place = _STATE / f"chat-{layout.digest}"
    try:
        place.mkdir(exist_ok=True)
        place.chmod(0o711)
    except OSError as error:
        raise ServerError(f"{place} can't be made: {error.strerror}; run as a plain user") from error
    return place


def programs(layout: Layout, installation: Installation) -> Path:
    """Return the root of a copy of installed programs that everybody may run, made anew when others are installed.

    Raises: ServerError.
    """
    place = directory(layout)
    name = installation.parts[0].parts[0]
    copy = place / f"{name}-{(installation.root / installation.parts[0]).stat().st_mtime_ns}"
    if copy.exists():
        return copy
    for old in place.glob(f"{name}-*"):
        shutil.rmtree(old)
    draft = place / f"{name}-new"
    for part in installation.parts:
        shutil.copytree(installation.root / part, draft / part)
    for path in (draft, *draft.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
    return draft.rename(copy)


def move_out(layout: Layout, path: Path) -> None:
    """Let a path of DATA_DIR that does not exist yet lead outside.

    Raises: ServerError.
    """
    if not path.is_symlink():
        # A new name each time: who removed DATA_DIR to begin anew must not meet the old data again.
        path.symlink_to(directory(layout) / f"{path.name}-{secrets.token_hex(4)}")

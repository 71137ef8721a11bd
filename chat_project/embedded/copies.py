"""Who may start and stop a copy's servers: `serve` for as long as it runs, else the commands that need them."""

import contextlib
import fcntl
import os
import subprocess
from collections.abc import Iterator, Sequence

from chat_project.embedded import processes
from chat_project.embedded.directories import claim
from chat_project.embedded.errors import ServerError
from chat_project.embedded.layout import Layout
from chat_project.embedded.processes import wait_until
from chat_project.embedded.server import Server

# Held by `serve` alone; shared by the commands; held for the moment of a start or stop. The kernel lets go of them when
# their holder dies, however it dies.
_SERVE, _COMMANDS, _CHANGE = ".serve.lock", ".commands.lock", ".change.lock"
_PATIENCE_SECONDS = 10.0


@contextlib.contextmanager
def borrowed(layout: Layout, servers: Sequence[Server]) -> Iterator[None]:
    """Have the servers running: those of `serve` or of another command, else ones started here.

    The last command to leave stops them, unless `serve` runs.

    Raises: ServerError.
    """
    claim(layout)
    with _lock_file(layout, _COMMANDS) as users, _lock_file(layout, _CHANGE) as change:
        fcntl.flock(change, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        children = _start_missing(layout, servers)
        fcntl.flock(change, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(change, fcntl.LOCK_EX)
            if _try_lock(users, fcntl.LOCK_EX) and not _is_served(layout):
                _stop(servers)
            for child in children:
                if child.poll() is None:
                    # Left to the commands that stay: Popen would complain that it still runs.
                    child.returncode = 0


@contextlib.contextmanager
def served(layout: Layout) -> Iterator[None]:
    """Have the copy for oneself, as `serve` does.

    Raises: ServerError where it is being served already.
    """
    claim(layout)
    with _lock_file(layout, _SERVE) as lock:
        # A command that looks whether we are running holds it for an instant.
        if not wait_until(lambda: _try_lock(lock, fcntl.LOCK_EX), 0.5):
            raise ServerError(f"{layout.data_dir} is being served already: end that one, or choose another DATA_DIR")
        yield


@contextlib.contextmanager
def taking_over(layout: Layout, servers: Sequence[Server]) -> Iterator[None]:
    """Hold commands back while `serve` starts the servers; what a killed predecessor left of them is ended first.

    Raises: ServerError where a command goes on using them.
    """
    with _lock_file(layout, _COMMANDS) as users, _lock_file(layout, _CHANGE) as change:
        if not wait_until(lambda: _try_both(change, users), _PATIENCE_SECONDS):
            raise ServerError(f"a command is using the database of {layout.data_dir}: try again when it has ended")
        fcntl.flock(users, fcntl.LOCK_UN)
        _stop(servers)
        yield


def _start_missing(layout: Layout, servers: Sequence[Server]) -> list[subprocess.Popen[bytes]]:
    if _is_served(layout):
        # It restarts a server that crashed.
        if not wait_until(lambda: all(server.answers() for server in servers), _PATIENCE_SECONDS):
            raise ServerError(f"{layout.data_dir} is being served, but its database does not answer")
        return []
    children: list[subprocess.Popen[bytes]] = []
    try:
        children.extend(_start(layout, server) for server in servers if not server.answers())
    except ServerError:
        _stop(servers)
        raise
    return children


def _start(layout: Layout, server: Server) -> subprocess.Popen[bytes]:
    layout.log_dir.mkdir(mode=0o700, exist_ok=True)
    log = layout.log_dir / f"{server.name}.log"
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # Another command may stay when this one, its parent, leaves.
        child = server.spawn(descriptor, ending_with_us=server.for_tests)
    finally:
        os.close(descriptor)
    try:
        server.wait_until_ready(child)
    except ServerError as error:
        processes.end(child.pid, server.stop_steps)
        raise ServerError(f"{error}; {log} may say why") from error
    return child


def _stop(servers: Sequence[Server]) -> None:
    for server in servers:
        server.stop()


def _is_served(layout: Layout) -> bool:
    with _lock_file(layout, _SERVE) as lock:
        return not _try_lock(lock, fcntl.LOCK_SH)


@contextlib.contextmanager
def _lock_file(layout: Layout, name: str) -> Iterator[int]:
    """Open a lock file; closing it lets go of the lock."""
    descriptor = os.open(layout.data_dir / name, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _try_both(change: int, users: int) -> bool:
    if not _try_lock(change, fcntl.LOCK_EX):
        return False
    if _try_lock(users, fcntl.LOCK_EX):
        return True
    # A command that leaves needs it.
    fcntl.flock(change, fcntl.LOCK_UN)
    return False


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

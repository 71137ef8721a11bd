"""Processes by their number: whether one runs, what it is, how to end it; and children that don't outlive us."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_PROC = Path("/proc")
_PR_SET_PDEATHSIG = 1
# Loaded before any fork: between fork and exec only the call itself is safe.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None

# Signals to send, each with the seconds to wait for its effect.
Steps = Sequence[tuple[signal.Signals, float]]


def is_running(pid: int) -> bool:
    """Tell whether a process runs. A zombie has ended, though the system still knows its number."""
    return _state(pid) not in ("", "Z", "X")


def command_line(pid: int) -> str:
    """Return a process' arguments with a space between them; empty where they can't be read."""
    if _libc is None:
        return _ps("command=", pid)
    try:
        return os.fsdecode((_PROC / str(pid) / "cmdline").read_bytes()).replace("\0", " ")
    except OSError:
        return ""


def end_all_in(directory: Path, *, patience: float) -> None:
    """Wait until no process works in a directory, and kill what stays longer. On Linux; elsewhere none are found."""
    if not wait_until(lambda: not _processes_in(directory), patience):
        for pid in _processes_in(directory):
            end(pid, ())


def end(pid: int, steps: Steps) -> None:
    """Send a process one signal after another until it has ended, and SIGKILL last of all."""
    for number, seconds in (*steps, (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        if wait_until(lambda: not is_running(pid), seconds):
            return


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask until the condition holds; False when it did not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def ending_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return a `preexec_fn` by which the system sends the child this signal when we die, were it by SIGKILL.

    Linux only: elsewhere None, and the next start finds what was left. The system watches the starting thread, so
    that has to be the main one. `Popen` changes the user before it calls this, as a later change would undo it.
    """
    if _libc is None:
        return None
    prctl, parent = _libc.prctl, os.getpid()

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def _processes_in(directory: Path) -> list[int]:
    """Return the running processes whose working directory this is."""
    found = []
    for entry in _PROC.glob("[0-9]*") if _libc else ():
        try:
            inside = os.readlink(entry / "cwd") == str(directory)
        except OSError:
            continue
        if inside and is_running(int(entry.name)):
            found.append(int(entry.name))
    return found


def _state(pid: int) -> str:
    """Return the first letter of a process' state, empty for no process."""
    if _libc is None:
        return _ps("stat=", pid)[:1]
    try:
        # The name, in parentheses, may hold anything; the state follows the last one.
        return (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def _ps(column: str, pid: int) -> str:
    shown = subprocess.run(["/bin/ps", "-o", column, "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()

"""Web processes that are up in a moment: forked from one that has loaded the program and touched nothing else.

A test that kills dozens of them would spend its time on imports. What a process draws for itself when the application
is made (`chat_project.asgi`) is made after the fork, as in a process that was started alone.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import IO

from chat_project.embedded.processes import ending_with_parent
from chat_project.serving.programs import WEB_OPTIONS

_PRELOADED = ("chat_project.urls", "chat_project.handler", "messaging.consumers", "messaging.sockets.directory")


class Nursery:
    """The process that forks the others: as its children they end with it, and it ends with us."""

    def __init__(self, environment: Mapping[str, str], *, listener: int, log: IO[bytes]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(listener)],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=[listener],
            preexec_fn=ending_with_parent(signal.SIGKILL),
        )

    def fork(self) -> int:
        """Start a web process on the listener; return its number."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it, and with it all that it has started."""
        self._process.kill()
        self._process.communicate()


def main() -> None:
    """Fork a web process for each line, and say its number."""
    import django

    django.setup()
    for name in _PRELOADED:
        import_module(name)
    uvicorn = import_module("uvicorn.main").main
    options = ["chat_project.asgi:application", "--fd", sys.argv[1], *WEB_OPTIONS]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    end_with_us = ending_with_parent(signal.SIGKILL)
    for _ in sys.stdin:
        if not (pid := os.fork()):
            _live(lambda: uvicorn(options, standalone_mode=False), end_with_us)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _live(serve: Callable[[], object], end_with_parent: Callable[[], None] | None) -> None:
    """Be a web process till the end."""
    if end_with_parent is not None:
        end_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        serve()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()

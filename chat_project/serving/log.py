"""The one stream of lines that `serve` writes: its own, and its children's with their names before them."""

import os
import select

# A pipe takes this much at once whenever it takes anything.
_CHUNK = 4096
_PATIENCE_SECONDS = 0.5


class Log:
    """Writes lines to a descriptor, and never waits long: who stops reading must not stop the server."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lost = 0

    def say(self, text: str) -> None:
        """Write a line of `serve` itself."""
        self._write(f"serve: {text}\n".encode())

    def show(self, text: str) -> None:
        """Write a line for the person at the terminal."""
        self._write(f"{text}\n".encode())

    def relay(self, name: str, line: bytes) -> None:
        """Write a line of a child."""
        self._write(b"%-8s | %s\n" % (name.encode(), line))

    def _write(self, line: bytes) -> None:
        if self._lost:
            line = b"serve: %d lines are lost, as nobody read\n%s" % (self._lost, line)
        written = 0
        while written < len(line):
            try:
                if not select.select([], [self._descriptor], [], 0 if self._lost else _PATIENCE_SECONDS)[1]:
                    break
                written += os.write(self._descriptor, line[written : written + _CHUNK])
            except OSError:
                # The terminal or the reader is gone; the server goes on.
                break
        self._lost = 0 if written else self._lost + 1

"""A proxy between a server and its PostgreSQL: it knows every statement that passes, and can break the line.

It reads the wire itself, so that no pool, thread or driver can have a statement pass unseen.
"""

import shutil
import socket
import tempfile
import threading
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

# How a client ends its socket's name: directory, then this.
SOCKET_NAME = ".s.PGSQL.5432"
CHUNK = 65_536


class PostgresProxy:
    """Listens on a unix socket of its own, in `directory`."""

    def __init__(self, database_directory: str) -> None:
        self._target = f"{database_directory}/{SOCKET_NAME}"
        self.directory = tempfile.mkdtemp(prefix="chat-proxy-")
        self._listener = self._listening()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.statements: list[str] = []
        self._is_mute = False
        self._refuses = False
        self._start(self._accept)

    def break_lines(self) -> None:
        """Break every connection; new ones come through."""
        with self._lock:
            for end in self._open:
                _shut(end)

    def swallow_answers(self) -> None:
        """Let statements through, and none of their answers."""
        self._is_mute = True

    def refuse(self) -> None:
        """Break every connection, and each new one."""
        self._refuses = True
        self.break_lines()

    def restore(self) -> None:
        """Break what hangs, and let everything through again."""
        self._is_mute = self._refuses = False
        self.break_lines()

    def close(self) -> None:
        """End all."""
        _shut(self._listener)
        self.break_lines()
        for thread in self._threads:
            thread.join(5)
        shutil.rmtree(self.directory)

    def _listening(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(Path(self.directory) / SOCKET_NAME))
        listener.listen(64)
        return listener

    def _accept(self) -> None:
        with self._listener:
            while True:
                try:
                    client, _ = self._listener.accept()
                except OSError:
                    return
                if self._refuses:
                    client.close()
                else:
                    self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._target)
        with self._lock:
            self._open |= {client, server}
        reader = _StatementReader(self.statements)
        ends = (threading.Barrier(2), client, server)
        self._start(lambda: self._pump(client, server, ends, reader))
        self._start(lambda: self._pump(server, client, ends, None))

    def _pump(
        self, source: socket.socket, target: socket.socket, ends: tuple, reader: "_StatementReader | None"
    ) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if reader is not None:
                    reader.feed(data)
                if reader is not None or not self._is_mute:
                    target.sendall(data)
        both_ended, *sockets = ends
        for end in sockets:
            _shut(end)
        if both_ended.wait() == 0:
            with self._lock:
                self._open -= set(sockets)
            for end in sockets:
                end.close()

    def _start(self, target) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()


class _StatementReader:
    """Reads what a client sends, and notes the text of each statement that it has executed."""

    def __init__(self, statements: list[str]) -> None:
        self._statements = statements
        self._waiting = b""
        self._started = False
        self._prepared: dict[bytes, str] = {}
        self._bound: dict[bytes, str] = defaultdict(str)

    def feed(self, data: bytes) -> None:
        self._waiting += data
        while (length := self._message_length()) is not None and len(self._waiting) >= length:
            message, self._waiting = self._waiting[:length], self._waiting[length:]
            self._take(message)

    def _message_length(self) -> int | None:
        """Return the length of the next message: a letter, four bytes of length, a body. The first has no letter."""
        start = 1 if self._started else 0
        if len(self._waiting) < start + 4:
            return None
        return start + int.from_bytes(self._waiting[start : start + 4], "big")

    def _take(self, message: bytes) -> None:
        if not self._started:
            self._started = True
            return
        kind, body = message[:1], message[5:]
        first, _, rest = body.partition(b"\0")
        second = rest.partition(b"\0")[0]
        if kind == b"Q":
            self._statements.append(first.decode())
        elif kind == b"P":
            self._prepared[first] = second.decode()
        elif kind == b"B":
            self._bound[first] = self._prepared[second]
        elif kind == b"E":
            self._statements.append(self._bound[first])


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)

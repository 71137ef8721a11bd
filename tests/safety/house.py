"""A whole of its own for tests that kill: PostgreSQL with fsync on, Valkey, and web processes that share a port."""

import asyncio
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psycopg

from chat_project.embedded import Layout, Postgres, Valkey
from chat_project.embedded.directories import claim
from chat_project.embedded.layout import DATABASE, OWNER_ROLE
from chat_project.embedded.processes import is_running, wait_until
from chat_project.embedded.server import Server
from chat_project.serving.port import listen
from tests.embedded.layouts import remove
from tests.safety.nursery import Nursery
from tests.serving.copies import BASE_DIR, environment

PATIENCE = 60.0


class House:
    """Servers that can be killed and started again, one by one or all at once."""

    def __init__(self, layout: Layout, log: IO[bytes]) -> None:
        claim(layout)
        self.layout = layout
        self.postgres = Postgres(layout)
        self.valkey = Valkey(layout)
        self.web: list[int] = []
        self.listener = listen("127.0.0.1", 0)
        self.port = int(self.listener.getsockname()[1])
        self._log = log
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        # It loads the program while the database is made.
        self._nursery = Nursery(self._environment(), listener=self.listener.fileno(), log=self._log)
        try:
            self.start(self.valkey)
            self.start(self.postgres)
            self._migrate()
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://localhost:{self.port}/ws/v1/"

    def start(self, server: Server) -> None:
        """Start a server and wait until it answers."""
        server.wait_until_ready(self._spawn(server))

    async def astart(self, server: Server) -> None:
        """Start a server while clients are at work."""
        await asyncio.to_thread(server.wait_until_ready, self._spawn(server))

    def start_everything(self, *, web: int) -> None:
        """Start what is not running: the servers, and so many web processes."""
        while len(self.web) < web:
            self.add_web()
        for server in (self.valkey, self.postgres):
            if self._children[server.name].poll() is not None:
                self.start(server)
        self._wait_for_web()

    def add_web(self) -> int:
        """Start one more web process; it answers when it is ready."""
        self.web.append(self._nursery.fork())
        return self.web[-1]

    def kill_web(self, pid: int) -> None:
        """kill -9 a web process."""
        self.web.remove(pid)
        _kill(pid)

    def kill_server(self, server: Server) -> None:
        """kill -9 a server and its children."""
        self._signal(server, signal.SIGKILL)

    def stop_server(self, server: Server) -> None:
        """Ask a server to stop at once, as an administrator does who restarts it."""
        self._signal(server, server.stop_steps[0][0])

    def kill_everything(self) -> None:
        """kill -9 every process of the house, in the middle of whatever it does."""
        doomed = [*self.web, *self._pids(self.postgres), *self._pids(self.valkey)]
        for pid in doomed:
            _kill(pid)
        for process in self._children.values():
            process.wait(PATIENCE)
        assert wait_until(lambda: not any(map(is_running, doomed)), PATIENCE)
        self.web.clear()

    @contextmanager
    def only(self, pid: int) -> Iterator[None]:
        """Have one web process take all new connections: the others are asleep for the moment."""
        others = [other for other in self.web if other != pid]
        try:
            for other in others:
                os.kill(other, signal.SIGSTOP)
            yield
        finally:
            for other in others:
                os.kill(other, signal.SIGCONT)

    def processes_of(self, local_ports: Iterable[int]) -> dict[int, int]:
        """Return which web process serves each of these ports of clients."""
        wanted = set(local_ports)
        owners = {link: pid for pid in self.web for link in _links(pid)}
        serving = {}
        for line in Path(f"/proc/{self.web[0]}/net/tcp").read_text().splitlines()[1:]:
            _, local, remote, *rest = line.split()
            port, inode = int(remote.partition(":")[2], 16), rest[6]
            if port in wanted and int(local.partition(":")[2], 16) == self.port and (pid := owners.get(inode)):
                serving[port] = pid
        return serving

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        """Open a connection to the database, as the tables' owner."""
        place = {"host": str(self.layout.socket_dir), "user": OWNER_ROLE, "dbname": DATABASE}
        with psycopg.connect(**place, autocommit=True) as connection:
            yield connection

    def output(self) -> str:
        """Return what all of it has logged."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def close(self) -> None:
        """End all, and take its files away."""
        self._nursery.close()
        self.listener.close()
        for process in self._children.values():
            process.kill()
            process.wait(PATIENCE)
        remove(self.layout)

    def _spawn(self, server: Server) -> subprocess.Popen[bytes]:
        """Start a server. From the main thread alone: it would end with any other."""
        process = server.spawn(self._log.fileno(), ending_with_us=True)
        self._children[server.name] = process
        return process

    def _signal(self, server: Server, number: signal.Signals) -> None:
        pids = self._pids(server)
        for pid in pids if number == signal.SIGKILL else pids[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        self._children[server.name].wait(PATIENCE)

    def _pids(self, server: Server) -> list[int]:
        """Return a server's process and its children, that first."""
        root = self._children[server.name].pid
        children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
        return [root, *map(int, children)]

    def _wait_for_web(self) -> None:
        if not wait_until(self._answers, PATIENCE):
            raise RuntimeError(f"the web did not start:\n{self.output()}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _environment(self) -> dict[str, str]:
        return environment(
            DJANGO_SETTINGS_MODULE="chat_project.settings",
            DATA_DIR=self.layout.data_dir,
            DATABASE_URL=self.layout.database_url,
            REDIS_URL=self.layout.redis_url,
            SECRET_KEY="a secret of the tests, longer than fifty characters are",
            PORT=self.port,
            SITE_URL=self.url,
            ARGON2_MEMORY_KIB=64,
            REALTIME_SHARDS=4,
            RATE_LIMITS="off",
            LOG_LEVEL="WARNING",
        )

    def _migrate(self) -> None:
        settings = {**self._environment(), "DATABASE_URL": self.layout.migration_database_url}
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        done = subprocess.run(command, cwd=BASE_DIR, env=settings, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"the database could not be made ready:\n{done.stderr}")


def _links(pid: int) -> Iterator[str]:
    """Yield the inodes of the sockets that a process holds."""
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            target = os.readlink(entry)
            if target.startswith("socket:["):
                yield target[8:-1]


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)

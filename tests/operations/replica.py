"""A real streaming replica of the PostgreSQL of this run, made by pg_basebackup."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from chat_project.embedded.cluster import INSTALLED
from chat_project.embedded.processes import wait_until
from tests.operations.cluster import Cluster

PATIENCE = 60.0


class Replica:
    """A standby that can be stopped, started, and made to fall behind."""

    def __init__(self, cluster: Cluster, directory: Path) -> None:
        self._cluster = cluster
        self._user = cluster.postgres.user
        self._data = directory / "data"
        self._log = directory / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self.socket_dir = directory / "run"
        self.url = f"postgres://chat_app@/{quote(str(self.socket_dir), safe='')}/{cluster.database}"
        self.socket_dir.mkdir(mode=0o700)
        if self._user:
            os.chown(directory, self._user.uid, -1)
            os.chown(self.socket_dir, self._user.uid, -1)
        place = ("-h", str(cluster.socket_dir), "-U", "postgres", "-D", str(self._data))
        self._run("pg_basebackup", *place, "-R", "-c", "fast", "--no-sync")

    def start(self) -> None:
        """Start it, and wait until it has all that the primary has."""
        settings = {
            "unix_socket_directories": self.socket_dir,
            "listen_addresses": "",
            "max_connections": 200,
            "fsync": "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._program("postgres"), "-D", str(self._data), *options], stdout=log, stderr=log, **self._as_user()
            )
        self.catch_up()

    def stop(self) -> None:
        """Stop it at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(PATIENCE)
            self._process = None

    def catch_up(self) -> None:
        """Wait until it has replayed all that the primary has written till now."""
        with self._cluster.superuser() as primary:
            # What no commit follows stays in the primary's buffers: this one is written to the disk, and all before it.
            primary.execute("SET synchronous_commit = on")
            [position] = primary.execute("SELECT pg_logical_emit_message(true, 'test', '')::text").fetchone()

        def has() -> bool:
            try:
                return bool(self.ask(f"SELECT pg_last_wal_replay_lsn() >= '{position}'"))
            except psycopg.OperationalError:
                return False

        assert wait_until(has, PATIENCE), self._log.read_text()

    @contextmanager
    def behind(self) -> Iterator[None]:
        """Have it replay nothing for the length of the block."""
        self.catch_up()
        self.ask("SELECT pg_wal_replay_pause()")
        assert wait_until(lambda: self.ask("SELECT pg_get_wal_replay_pause_state()") == "paused", PATIENCE)
        try:
            yield
        finally:
            self.ask("SELECT pg_wal_replay_resume()")

    def ask(self, statement: str) -> Any:
        """Return the one value of a statement, asked as its superuser."""
        place = {"host": str(self.socket_dir), "user": "postgres", "dbname": self._cluster.database}
        with psycopg.connect(**place, autocommit=True) as session:
            return session.execute(statement).fetchone()[0]

    def _program(self, name: str) -> str:
        return str(self._cluster.postgres.program(f"{INSTALLED}/bin/{name}"))

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._program(name), *arguments], capture_output=True, text=True, check=False, **self._as_user()
        )
        assert done.returncode == 0, done.stderr

    def _as_user(self) -> dict[str, Any]:
        return {"cwd": os.sep, "umask": 0o077, **(self._user.popen_options if self._user else {})}


@contextmanager
def replicated(cluster: Cluster) -> Iterator[Replica]:
    """Have a replica stream for the length of the block."""
    cluster.admit()
    directory = Path(tempfile.mkdtemp(prefix="chat-test-"))
    directory.chmod(0o755)
    replica = Replica(cluster, directory)
    try:
        replica.start()
        yield replica
    finally:
        replica.stop()
        shutil.rmtree(directory)

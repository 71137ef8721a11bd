"""A real pgbouncer in transaction pooling, before the PostgreSQL of this run."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from chat_project.embedded.processes import wait_until
from tests.operations.cluster import Cluster
from tests.serving.copies import free_port

POOL_SIZE = 3
_START_SECONDS = 30


class Pooler:
    """A pgbouncer that gives each transaction the server connection that has rested longest: state never stays."""

    def __init__(self, port: int, database: str) -> None:
        self.port = port
        self.url = f"postgres://chat_app@127.0.0.1:{port}/{database}"

    def show(self, what: str) -> list[dict[str, Any]]:
        """Ask the pooler's own console."""
        place = {"host": "127.0.0.1", "port": self.port, "user": "chat_app", "dbname": "pgbouncer"}
        with psycopg.connect(**place, autocommit=True, cursor_factory=psycopg.ClientCursor) as console:
            answer = console.execute(f"SHOW {what}")
            names = [column.name for column in answer.description or ()]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


@contextmanager
def pooled(cluster: Cluster) -> Iterator[Pooler]:
    """Have a pooler run for the length of the block."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        say = pytest.fail if os.environ.get("REQUIRE_ALL") == "1" else pytest.skip
        say("pgbouncer is not there: apt-get install pgbouncer")
    cluster.admit()
    port = free_port()
    directory = Path(tempfile.mkdtemp(prefix="chat-test-"))
    user = cluster.postgres.user
    (directory / "users.txt").write_text('"chat_app" ""\n')
    (directory / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={cluster.socket_dir}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = trust\nauth_file = {directory}/users.txt\nadmin_users = chat_app\n"
        "pool_mode = transaction\nserver_round_robin = 1\n"
        f"default_pool_size = {POOL_SIZE}\nmin_pool_size = {POOL_SIZE}\n"
        "max_client_conn = 200\n"
    )
    for path in (directory, *directory.iterdir()):
        path.chmod(0o755)
    with (directory / "log").open("wb") as log:
        options = user.popen_options if user else {}
        process = subprocess.Popen([program, str(directory / "pgbouncer.ini")], stdout=log, stderr=log, **options)
    pooler = Pooler(port, cluster.database)
    try:
        if not wait_until(lambda: process.poll() is not None or _answers(pooler), _START_SECONDS) or process.poll():
            pytest.fail(f"pgbouncer did not start:\n{(directory / 'log').read_text()}")
        yield pooler
    finally:
        process.terminate()
        process.wait(_START_SECONDS)
        shutil.rmtree(directory)


def _answers(pooler: Pooler) -> bool:
    try:
        return bool(pooler.show("VERSION"))
    except psycopg.OperationalError:
        return False

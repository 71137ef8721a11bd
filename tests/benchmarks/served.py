"""A copy of its own, started as everybody starts one: `manage.py serve` on a free port and an empty DATA_DIR."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from chat_project.embedded import Layout
from chat_project.embedded.processes import ending_with_parent, wait_until
from tests.benchmarks.processes import ProcessTree, used

BASE_DIR = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 180.0
STOP_SECONDS = 20.0
# What the environment says of servers and addresses in use is not for a copy from nothing.
_FOREIGN = re.compile(r"(MIGRATION_|REPLICA_)?DATABASE_URL|(REDIS|DJANGO)_.*|SITE_URL|SECRET_KEY.*")
_CALM_SECONDS = 0.25
_CALM_SHARE = 0.06
_CALM_PATIENCE = 15.0


class CopyError(Exception):
    """The copy did not start, or a command of it failed."""


def without_foreign(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what it says of other copies and their servers."""
    return {name: value for name, value in environ.items() if not _FOREIGN.fullmatch(name)}


def point_at(data_dir: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the driver's own environment: the copy's keys, and its database as the tables' owner."""
    layout = Layout.of(data_dir)
    own = {"DATA_DIR": str(layout.data_dir), "DATABASE_URL": layout.migration_database_url}
    return {**environ, **own, "DJANGO_SETTINGS_MODULE": "chat_project.settings"}


class Copy:
    """A copy that `serve` runs; everything but limits and demo is as it comes."""

    def __init__(self, data_dir: Path) -> None:
        self.layout = Layout.of(data_dir)
        self.port = 0
        self._log = data_dir / "bench.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._environment: Mapping[str, str] | None = None

    @property
    def tree(self) -> ProcessTree:
        """The processes of the copy."""
        assert self._process is not None
        return ProcessTree(self._process.pid)

    def start(self, settings: Mapping[str, str]) -> None:
        """Have it run with these settings, started anew where it runs with others. Raises CopyError."""
        if self._process is not None and settings == self._environment:
            return
        self.stop()
        self.port = _free_port()
        self._environment = settings
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=BASE_DIR,
                env={**self._settings(), **settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=ending_with_parent(signal.SIGTERM),
            )
        ready = wait_until(self._is_decided, START_SECONDS)
        if not ready or self._process.poll() is not None:
            self.stop()
            raise CopyError(f"the copy did not start:\n{self.output()}")
        self.calm_down()

    def stop(self) -> None:
        """End it; what it kept stays."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def command(self, *arguments: str) -> None:
        """Run a manage.py command of the copy. Raises CopyError."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env=self._settings(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CopyError(f"manage.py {' '.join(arguments)} failed:\n{(done.stderr or done.stdout)[-2000:]}")

    def calm_down(self) -> None:
        """Wait till the copy has next to nothing to do: what starting or the last run left is not for the next."""
        deadline = time.monotonic() + _CALM_PATIENCE
        tree, before = self.tree, self.tree.cpu_seconds()
        while time.monotonic() < deadline:
            time.sleep(_CALM_SECONDS)
            now = tree.cpu_seconds()
            spent = used(before, now)
            if spent["ours"] + spent.get("postgres", 0.0) <= _CALM_SECONDS * _CALM_SHARE:
                return
            before = now

    def output(self) -> str:
        """Return the end of what it has said."""
        return self._log.read_text(errors="replace")[-3000:]

    def _is_decided(self) -> bool:
        assert self._process is not None
        return self._process.poll() is not None or "serve: ready" in self._log.read_text(errors="replace")

    def _settings(self) -> dict[str, str]:
        own = {"DATA_DIR": str(self.layout.data_dir), "PORT": str(self.port)}
        fixed = {"HOST": "127.0.0.1", "SEED_DEMO": "off", "RATE_LIMITS": "off"}
        return {**without_foreign(os.environ), **own, **fixed}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

"""Copies for tests, as `manage.py` makes them from nothing."""

import os
import re
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chat_project.embedded import Layout

BASE_DIR = Path(__file__).resolve().parent.parent.parent
# What the tests' own environment says of their servers is not for a copy from nothing.
_OURS = re.compile(r"DATABASE_URL|MIGRATION_DATABASE_URL|REDIS_|DJANGO_|PYTEST_|SITE_URL")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def environment(**settings: object) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not _OURS.match(name)}
    return {**inherited, "SEED_DEMO": "off", **{name: str(value) for name, value in settings.items()}}


def command(*arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
    )


@dataclass
class Copy:
    """A copy that `serve` runs, and what it has said in all its lives."""

    layout: Layout
    port: int
    said: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.kill()
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=BASE_DIR,
            env=environment(DATA_DIR=self.layout.data_dir, PORT=self.port),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.read_until("serve: ready")

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=10) as answer:
            return answer.read().decode()

    def read_until(self, text: str) -> None:
        for line in self.process.stdout:
            self.said.append(line)
            if text in line:
                return
        pytest.fail(f"serve ended before it said {text!r}:\n{''.join(self.said)}")

    def pids(self) -> list[int]:
        """The processes of the copy: its children lead sessions of their own, in which theirs are."""
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,sess="], capture_output=True, text=True, check=True)
        rows = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
        children = {pid for pid, parent, _ in rows if parent == self.process.pid}
        return [self.process.pid, *(pid for pid, parent, session in rows if session in children or parent in children)]

"""A real server for tests: uvicorn in a process of its own, on the test's database, as the server's role."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection

from chat_project.core.db.rights import grant_rights
from chat_project.serving.port import listen
from chat_project.serving.programs import WEB_OPTIONS

START_SECONDS = 90
APP_ROLE = "chat_app"


@dataclass
class LiveChat:
    """A server that answers at `url`; `processes` share its port."""

    listener: socket.socket
    log: IO[bytes]
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @classmethod
    def started(cls, **environment: str) -> "LiveChat":
        """Return a server of one process that answers; `environment` is what it has beside the usual."""
        grant_rights(connection, APP_ROLE)
        listener = listen("127.0.0.1", 0)
        usual = _environment(listener.getsockname()[1])
        chat = cls(listener, tempfile.TemporaryFile(), {**usual, **environment})
        chat.ensure_running()
        return chat

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://localhost:{self.port}/ws/v1/"

    def ensure_running(self, processes: int = 1) -> None:
        """Have so many processes serve, and wait until they answer."""
        self.processes = [process for process in self.processes if process.poll() is None]
        while len(self.processes) > processes:
            self.kill(self.processes[-1])
        started = [self._spawn() for _ in range(processes - len(self.processes))]
        self.processes += started
        if started:
            self.wait()

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9 one process."""
        process.kill()
        process.wait()
        self.processes.remove(process)

    def stop(self) -> None:
        """End all processes and give the port back."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(10)
        self.listener.close()
        self.log.close()

    def output(self) -> str:
        """Return what the server has logged."""
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def _spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "uvicorn",
                "chat_project.asgi:application",
                "--fd",
                str(self.listener.fileno()),
                *WEB_OPTIONS,
            ],
            env=self.environment,
            pass_fds=[self.listener.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            cwd=settings.BASE_DIR,
        )

    def wait(self) -> None:
        """Wait until one of the processes that are awake answers."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in self.processes):
                break
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"the server did not start:\n{self.output()}")


def _environment(port: int) -> dict[str, str]:
    database = settings.DATABASES["default"]
    host, name = str(database["HOST"]), connection.settings_dict["NAME"]
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "chat_project.settings",
        "DATABASE_URL": f"postgres://{APP_ROLE}@/{host.replace('/', '%2F')}/{name}",
        "REDIS_URL": settings.REDIS_URL,
        "REDIS_DATABASE": str(settings.REDIS_DATABASE),
        "REDIS_KEY_PREFIX": settings.KEY_PREFIX,
        "SECRET_KEY": settings.SECRET_KEY,
        "DATA_DIR": str(Path(settings.DATA_DIR)),
        "PORT": str(port),
        "SITE_URL": f"http://localhost:{port}",
        "ARGON2_MEMORY_KIB": str(settings.ARGON2_MEMORY_KIB),
        "REALTIME_SHARDS": "4",
        "LOG_LEVEL": "WARNING",
    }

"""What PostgreSQL and Valkey have in common as children of ours."""

import contextlib
import os
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from chat_project.embedded import outside, processes
from chat_project.embedded.errors import ServerError
from chat_project.embedded.installation import Installation
from chat_project.embedded.layout import Layout
from chat_project.embedded.processes import Steps
from chat_project.embedded.service_user import ServiceUser, service_user

_START_SECONDS = 60.0


class Server(ABC):
    """One embedded server of one copy. It may be running, as ours or as somebody else's child, or not."""

    name: ClassVar[str]
    # How it is asked to stop, from gently to firmly.
    stop_steps: ClassVar[Steps]
    # Lines of its log that hold one of these tell nobody anything here.
    noise: ClassVar[Sequence[bytes]] = ()

    def __init__(self, layout: Layout, *, for_tests: bool = False) -> None:
        self.layout = layout
        self.for_tests = for_tests

    @property
    def user(self) -> ServiceUser | None:
        return service_user(self.layout.postgres_data)

    @abstractmethod
    def prepare(self) -> None:
        """Make what the server needs before it starts, and clear away what a killed one left."""

    @abstractmethod
    def command(self) -> list[str]: ...

    def environment(self) -> dict[str, str]:
        """The environment it runs in: none of ours, which may hold secrets."""
        return {"PATH": os.defpath, "LC_ALL": "C"}

    @abstractmethod
    def answers(self) -> bool:
        """Tell whether it is running and takes connections."""

    @abstractmethod
    def pid(self) -> int | None:
        """Return the process that serves this copy now."""

    def spawn(self, output: int, *, ending_with_us: bool) -> subprocess.Popen[bytes]:
        """Prepare and start it in a session of its own, so that the terminal's Ctrl-C reaches only us.

        Raises: ServerError.
        """
        self.prepare()
        arrange = processes.ending_with_parent(self.stop_steps[0][0]) if ending_with_us else None
        options = self.user.popen_options if self.user else {}
        return subprocess.Popen(
            self.command(),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            umask=0o077,
            preexec_fn=arrange,
            **options,
        )

    def wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until a started process takes connections.

        Raises: ServerError where it ended instead, or is not ready in a minute.
        """
        ready = processes.wait_until(lambda: process.poll() is not None or self.answers(), _START_SECONDS)
        if process.poll() is not None:
            raise ServerError(f"the embedded {self.name} ended with code {process.returncode} while starting")
        if not ready:
            raise ServerError(f"the embedded {self.name} is not ready after {_START_SECONDS:.0f} seconds")

    def stop(self) -> None:
        """End whatever process serves this copy."""
        if pid := self.pid():
            processes.end(pid, self.stop_steps)

    @abstractmethod
    def installation(self) -> Installation: ...

    def program(self, pattern: str) -> Path:
        """Return the path of one of its programs, where the server's user may run it.

        Raises: ServerError.
        """
        installation = self.installation()
        program = next(installation.root.glob(pattern))
        if self.user and not self.user.may_enter(program):
            return next(outside.programs(self.layout, installation).glob(pattern))
        return program

    def open_way(self) -> None:
        """Let a server that runs as another user pass through DATA_DIR."""
        if self.user:
            self.layout.data_dir.chmod(self.layout.data_dir.stat().st_mode | 0o011)

    def make_private(self, path: Path) -> None:
        """Make a directory, or check ours, that only the server's user can look into.

        Raises: ServerError where somebody else's stands there.
        """
        uid = self.user.uid if self.user else os.geteuid()
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        # In the shared temporary directory anybody could have put a directory, or a link, of this name there first.
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            raise ServerError(f"{path} is not ours: remove it, or choose another DATA_DIR") from error
        try:
            if os.fstat(descriptor).st_uid not in (uid, os.geteuid()):
                raise ServerError(f"{path} is not ours: remove it, or choose another DATA_DIR")
            os.fchown(descriptor, uid, -1)
            os.fchmod(descriptor, 0o700)
        finally:
            os.close(descriptor)

    def write_private(self, path: Path, text: str) -> None:
        """Put a file that only the server's user can read, whole or not at all."""
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            if self.user:
                os.fchown(file.fileno(), self.user.uid, -1)
        draft.replace(path)

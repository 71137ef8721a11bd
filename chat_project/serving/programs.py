"""The Python programs that `serve` runs beside the servers: web processes, a Celery worker and its beat."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from chat_project.embedded import Layout
from chat_project.embedded.processes import Steps, ending_with_parent

# What requests and sockets get to end in; all has to be over in ten seconds, the servers after the web.
_GRACE_SECONDS = 4
_FRAME_BYTES = 65_536
# What only `serve` itself needs to know.
_PRIVATE = ("ADMIN_PASSWORD",)


@dataclass(frozen=True)
class Program:
    """A child that is started again when it ends."""

    name: str
    arguments: Sequence[str]
    pass_fds: Sequence[int] = ()
    environment: dict[str, str] = field(default_factory=dict)
    stop_steps: Steps = ((signal.SIGTERM, _GRACE_SECONDS + 1.5),)
    noise: Sequence[bytes] = ()

    def spawn(self, output: int, *, ending_with_us: bool) -> subprocess.Popen[bytes]:
        """Start it in a session of its own, so that the terminal's Ctrl-C reaches only `serve`."""
        inherited = {key: value for key, value in os.environ.items() if key not in _PRIVATE}
        return subprocess.Popen(
            [sys.executable, "-m", *self.arguments],
            env={**inherited, "PYTHONUNBUFFERED": "1", **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=self.pass_fds,
            start_new_session=True,
            umask=0o077,
            preexec_fn=ending_with_parent(signal.SIGKILL) if ending_with_us else None,
        )


# How a web process serves: no compression of frames, 64 KiB a message, dead after 60 s of silence.
WEB_OPTIONS = (
    *("--loop", "uvloop"),
    *("--http", "httptools"),
    *("--ws", "websockets-sansio"),
    *("--ws-max-size", str(_FRAME_BYTES)),
    *("--ws-per-message-deflate", "false"),
    *("--ws-ping-interval", "25"),
    *("--ws-ping-timeout", "35"),
    *("--timeout-graceful-shutdown", str(_GRACE_SECONDS)),
    *("--log-level", "warning"),
    "--no-access-log",
    "--no-server-header",
    "--no-proxy-headers",
)


# Pictures and films take seconds of a core each, and the rest next to nothing.
MEDIA_QUEUE = "media"
SMALL_QUEUES = ("default", "mail", "push", "maintenance")


def web(number: int, listener: socket.socket) -> Program:
    """One uvicorn process on the shared socket."""
    return Program(
        f"web.{number}",
        ["uvicorn", "chat_project.asgi:application", "--fd", str(listener.fileno()), *WEB_OPTIONS],
        pass_fds=[listener.fileno()],
    )


def worker(name: str = "worker", *, queues: Sequence[str] = (*SMALL_QUEUES, MEDIA_QUEUE)) -> Program:
    """One Celery worker, for all queues where none are named."""
    options = ["--hostname", f"{name}@%h", "--queues", ",".join(queues), "--concurrency", "1", "--loglevel", "WARNING"]
    flags = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return Program(
        name,
        ["celery", "--quiet", "--app", "chat_project", "worker", *options, *flags],
        # Celery warns of root because of pickled tasks; these are JSON, and one user runs the whole copy.
        environment={"PYTHONWARNINGS": "ignore:You're running the worker with superuser"},
        # SIGTERM lets the running task finish; SIGQUIT gives it back to the queue.
        stop_steps=((signal.SIGTERM, 4.0), (signal.SIGQUIT, 1.5)),
    )


def beat(layout: Layout) -> Program:
    """The clock of the periodic tasks."""
    schedule = layout.data_dir / "beat" / "schedule"
    schedule.parent.mkdir(mode=0o700, exist_ok=True)
    options = ["--schedule", str(schedule), "--pidfile", "", "--loglevel", "WARNING"]
    return Program("beat", ["celery", "--quiet", "--app", "chat_project", "beat", *options])

"""Children of one process: heard, started again, and ended together, whatever they do."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import pytest

from chat_project.embedded import ServerError
from chat_project.embedded.processes import Steps, is_running, wait_until
from chat_project.serving.log import Log
from chat_project.serving.supervisor import Supervisor

STOP_US = "import os, signal; os.kill(os.getppid(), signal.SIGTERM); signal.pause()"


@dataclass
class Script:
    """A child whose whole program is given."""

    name: str
    code: str
    stop_steps: Steps = ((signal.SIGTERM, 0.5),)
    noise: Sequence[bytes] = ()

    def spawn(self, output: int, *, ending_with_us: bool) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-Sc", self.code]
        return subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)


@dataclass
class Stream:
    """The log of a supervisor, in a file."""

    file: IO[bytes]

    @property
    def log(self) -> Log:
        return Log(self.file.fileno())

    def lines(self) -> list[str]:
        self.file.seek(0)
        return self.file.read().decode().splitlines()


@pytest.fixture
def stream() -> Iterator[Stream]:
    with tempfile.TemporaryFile() as file:
        yield Stream(file)


def test_lines_carry_their_childs_name_and_the_last_needs_no_end(stream):
    with Supervisor(stream.log) as supervisor:
        supervisor.start(Script("one", "print('first'); print('noisy'); print('half', end='')", noise=[b"noisy"]))
        supervisor.start(Script("two", STOP_US))
        supervisor.mark_ready()
        supervisor.run()
    assert [line for line in stream.lines() if line.startswith("one")] == ["one      | first", "one      | half"]


def test_a_child_that_ends_is_started_again_and_it_is_said(stream, tmp_path):
    code = f"""if True:
        import os, signal
        if os.path.exists({str(tmp_path / "been")!r}):
            {STOP_US}
        open({str(tmp_path / "been")!r}, "w").close()
        os._exit(7)
    """
    with Supervisor(stream.log) as supervisor:
        supervisor.start(Script("web.1", code))
        supervisor.run()
    assert "serve: web.1 ended with code 7, starting it again" in stream.lines()


def test_a_child_that_never_starts_ends_the_whole_before_it_is_ready(stream):
    def serve() -> None:
        with Supervisor(stream.log) as supervisor:
            supervisor.start(Script("web.1", "raise SystemExit(3)"))
            supervisor.run()

    with pytest.raises(ServerError, match=r"web\.1 ended with code 3, 3 times: its lines above say why"):
        serve()


def test_a_child_that_ignores_the_signal_is_killed_with_its_own_children(stream, tmp_path):
    code = f"""if True:
        import os, signal, sys
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if pid := os.fork():
            open({str(tmp_path / "pid")!r}, "w").write(str(pid))
            {STOP_US}
        signal.pause()
    """
    with Supervisor(stream.log) as supervisor:
        process = supervisor.start(Script("stubborn", code))
        supervisor.run()
    assert process.returncode == -signal.SIGKILL
    pid = int((tmp_path / "pid").read_text())
    assert wait_until(lambda: not is_running(pid), 5)


def test_the_foundation_ends_after_what_stands_on_it(stream, tmp_path):
    leaving = "import os, signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('leaves')))"
    up = repr(str(tmp_path / "up"))
    with Supervisor(stream.log) as supervisor:
        supervisor.start(Script("postgres", f"{leaving}; os.mkdir({up}); signal.pause()"), is_foundation=True)
        supervisor.start(Script("web.1", f"{leaving}\nwhile not os.path.exists({up}): pass\n{STOP_US}"))
        supervisor.run()
    assert [line for line in stream.lines() if "leaves" in line] == ["web.1    | leaves", "postgres | leaves"]


def test_a_signal_during_the_preparation_ends_it_at_once(stream):
    def prepare() -> None:
        with Supervisor(stream.log) as supervisor, supervisor.interruptible():
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()

    with pytest.raises(KeyboardInterrupt):
        prepare()


def test_who_stops_reading_does_not_stop_the_server():
    reading, writing = os.pipe()
    log = Log(writing)
    for _ in range(100):
        log.relay("web.1", b"x" * 4000)
    assert os.read(reading, 1_000_000)
    log.say("on again")
    assert b"serve: 8" in os.read(reading, 1_000_000)
    os.close(reading)
    log.say("nobody is there")
    os.close(writing)

"""Children of one process: started, heard with their names before their lines, started again, and ended together."""

import contextlib
import functools
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Protocol, Self

from chat_project.embedded import ServerError
from chat_project.embedded.processes import Steps
from chat_project.serving.log import Log

_STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
# A child that ran this long was well: its next pause is the shortest again.
_WELL_SECONDS = 60.0
_FAILURES_BEFORE_READY = 3
_LINE_BYTES = 16_384


class Startable(Protocol):
    """What can be a child: an embedded server or a program."""

    @property
    def name(self) -> str: ...
    @property
    def stop_steps(self) -> Steps: ...
    @property
    def noise(self) -> Sequence[bytes]: ...
    def spawn(self, output: int, *, ending_with_us: bool) -> subprocess.Popen[bytes]: ...


@dataclass
class _Child:
    startable: Startable
    # Others need it: it ends last, and its own children are not ours to kill.
    is_foundation: bool
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    pause: float = _SHORTEST_PAUSE
    due: float = 0.0


class Supervisor:
    """Runs children until a signal asks to stop; leaving the `with` block ends them all.

    It has no threads: children are started by fork, and the system ends them with the thread that forked.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._children: list[_Child] = []
        self._selector = selectors.DefaultSelector()
        self._undo = contextlib.ExitStack()
        self._asked_to_stop = False
        self._interruptible = False
        self._is_ready = False

    def __enter__(self) -> Self:
        # A signal wakes the selector up.
        self._wake = socket.socketpair()
        for end in self._wake:
            end.setblocking(False)
        self._undo.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(self._wake[1].fileno()))
        self.watch(self._wake[0].fileno(), self._drain_wake)
        self._handle(signal.SIGCHLD, lambda *_: None)
        for number in _STOPPING_SIGNALS:
            # nohup's wish to survive the terminal is kept.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._handle(number, self._on_stop)
        return self

    def __exit__(self, *_: object) -> None:
        self._asked_to_stop, self._interruptible = True, False
        self._end([child for child in self._children if not child.is_foundation])
        self._end([child for child in self._children if child.is_foundation])
        self._hear_all()
        self._undo.close()
        self._selector.close()
        for end in self._wake:
            end.close()

    def start(self, startable: Startable, *, is_foundation: bool = False) -> subprocess.Popen[bytes]:
        """Start a child, which is started again whenever it ends by itself.

        Raises: ServerError.
        """
        child = _Child(startable, is_foundation)
        self._children.append(child)
        return self._spawn(child)

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let a signal raise KeyboardInterrupt in the block; elsewhere it is heeded at the next turn of `run`."""
        self._interruptible = True
        try:
            if self._asked_to_stop:
                raise KeyboardInterrupt
            yield
        finally:
            self._interruptible = False
            self._hear_all()

    def watch(self, descriptor: int, call: Callable[[], object]) -> None:
        """Have a function called whenever there is something to read."""
        self._selector.register(descriptor, selectors.EVENT_READ, call)

    def unwatch(self, descriptor: int) -> None:
        """Undo `watch`."""
        self._selector.unregister(descriptor)

    def mark_ready(self) -> None:
        """Say that the start has succeeded: from now on no number of failures ends the whole."""
        self._is_ready = True

    def run(self) -> None:
        """Look after the children until a signal asks to stop.

        Raises: ServerError where a child fails again and again before the start has succeeded.
        """
        while not self._asked_to_stop:
            self._turn(1.0)
            for child in self._children:
                self._look_after(child)

    def _handle(self, number: signal.Signals, handler: Callable[[int, FrameType | None], None]) -> None:
        self._undo.callback(signal.signal, number, signal.signal(number, handler))

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop = True
        if self._interruptible:
            raise KeyboardInterrupt

    def _drain_wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wake[0].recv(4096)

    def _turn(self, seconds: float) -> int:
        """Wait for something to happen, hear what the children say, and return how many had something."""
        events = self._selector.select(seconds)
        for key, _ in events:
            key.data()
        return len(events)

    def _hear_all(self) -> None:
        while self._turn(0):
            pass

    def _spawn(self, child: _Child) -> subprocess.Popen[bytes]:
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        try:
            child.process = child.startable.spawn(writing, ending_with_us=True)
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        child.started = time.monotonic()
        self.watch(reading, functools.partial(self._hear, child.startable, reading, bytearray()))
        return child.process

    def _hear(self, startable: Startable, descriptor: int, unfinished: bytearray) -> None:
        """Pass a child's lines on, and keep what is not a whole line yet."""
        part = os.read(descriptor, 65_536)
        unfinished += part
        *lines, rest = unfinished.split(b"\n")
        if rest and (not part or len(rest) > _LINE_BYTES):
            lines.append(rest)
            rest = bytearray()
        unfinished[:] = rest
        for line in lines:
            if not any(noise in line for noise in startable.noise):
                self._log.relay(startable.name, bytes(line))
        if not part:
            self.unwatch(descriptor)
            os.close(descriptor)

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is not None and child.process.poll() is not None:
            self._note_end(child, child.process, now)
        if child.process is None and child.due <= now:
            try:
                self._spawn(child)
            except ServerError as error:
                self._log.say(f"{child.startable.name} can't be started again: {error}")
                self._put_off(child, now)

    def _note_end(self, child: _Child, process: subprocess.Popen[bytes], now: float) -> None:
        self._sweep(child, process)
        child.process = None
        child.failures += 1
        name, code = child.startable.name, process.returncode
        if child.failures >= _FAILURES_BEFORE_READY and not self._is_ready:
            raise ServerError(f"{name} ended with code {code}, {child.failures} times: its lines above say why")
        if now - child.started > _WELL_SECONDS:
            child.pause = _SHORTEST_PAUSE
        self._log.say(f"{name} ended with code {code}, starting it again")
        self._put_off(child, now)

    def _put_off(self, child: _Child, now: float) -> None:
        child.due = now + child.pause
        child.pause = min(child.pause * 2, _LONGEST_PAUSE)

    def _end(self, children: list[_Child]) -> None:
        """End children at the same time, each by its own steps, and SIGKILL last of all."""
        steps = {id(child): iter((*child.startable.stop_steps, (signal.SIGKILL, 60.0))) for child in children}
        next_step = dict.fromkeys(steps, 0.0)
        while running := [child for child in children if child.process and child.process.poll() is None]:
            now = time.monotonic()
            for child in running:
                if next_step[id(child)] <= now and child.process:
                    number, seconds = next(steps[id(child)])
                    child.process.send_signal(number)
                    next_step[id(child)] = now + seconds
            self._turn(0.1)
        for child in children:
            if child.process:
                self._sweep(child, child.process)

    def _sweep(self, child: _Child, process: subprocess.Popen[bytes]) -> None:
        """End what a program that has ended left in its process group."""
        if not child.is_foundation:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

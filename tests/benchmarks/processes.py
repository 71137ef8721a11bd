"""What a copy's processes have used, from /proc: CPU time by the kernel's own books, and memory. Linux alone."""

import os
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from chat_project.embedded.processes import command_line

OURS = ("web", "worker", "beat", "serve")
POSTGRES, VALKEY, DRIVER = "postgres", "valkey", "driver"

_PROC = Path("/proc")
_YARDSTICK_STEPS = 30_000
_TICKS = os.sysconf("SC_CLK_TCK")
# What tells the children of `serve` apart, by their command lines.
_ROLES = (
    (" uvicorn ", "web"),
    (" worker ", "worker"),
    (" beat ", "beat"),
    ("bin/postgres ", POSTGRES),
    ("valkey-server ", VALKEY),
)


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    ticks: int


class ProcessTree:
    """The processes below one, by what they are: a copy's below `serve`."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._roles: dict[int, str] = {}

    def cpu_seconds(self) -> dict[str, float]:
        """Return the CPU time that each kind of process has used till now, and this one's.

        A process that has ended counts with the parent that reaped it: a backend with the postmaster. One that ends
        between two looks would be counted twice or not at all, so it is looked until nothing has come or gone.
        """
        before = self._below_root()
        while (now := self._below_root()).keys() != before.keys():
            before = now
        ticks: Counter[str] = Counter()
        for pid, process in now.items():
            ticks[self._role(pid, now)] += process.ticks
        seconds = {role: count / _TICKS for role, count in ticks.items()}
        return {**seconds, DRIVER: time.process_time()}

    def web_memory(self) -> dict[str, int]:
        """Return the KiB that the web processes hold: `rss`, and `pss`, which shares out what several map."""
        memory = {"rss": 0, "pss": 0}
        for pid in self._web():
            for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
                name, _, value = line.partition(":")
                if name.lower() in memory:
                    memory[name.lower()] += int(value.split()[0])
        return memory

    def forget_web_peak(self) -> None:
        """Have `web_peak` begin with what the web processes hold now."""
        for pid in self._web():
            (_PROC / str(pid) / "clear_refs").write_text("5")

    def web_peak(self) -> int:
        """Return the KiB that the web processes held at most."""
        peak = 0
        for pid in self._web():
            lines = (_PROC / str(pid) / "status").read_text().splitlines()
            peak += next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
        return peak

    def _web(self) -> list[int]:
        now = self._below_root()
        return [pid for pid in now if self._role(pid, now) == "web"]

    def _below_root(self) -> dict[int, _Process]:
        listed = {process.pid: process for process in _processes()}
        return {pid: process for pid, process in listed.items() if self._root in _ancestry(pid, listed)}

    def _role(self, pid: int, processes: Mapping[int, _Process]) -> str:
        if pid == self._root:
            return DRIVER if pid == os.getpid() else "serve"
        while processes[pid].parent in processes and processes[pid].parent != self._root:
            pid = processes[pid].parent
        if pid not in self._roles:
            line = command_line(pid)
            role = next((role for mark, role in _ROLES if mark in line), None)
            if role is None:
                # Forked, and not yet the program that it will be.
                return "serve"
            self._roles[pid] = role
        return self._roles[pid]


def used(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return what was used between two looks, in seconds, with the sum of our own programs as `ours`."""
    spent = {role: seconds - before.get(role, 0.0) for role, seconds in after.items()}
    return {**spent, "ours": sum(spent.get(role, 0.0) for role in OURS)}


def yardstick() -> float:
    """Return the milliseconds of CPU that a fixed piece of Python takes here and now.

    CPU time is no constant of a program: whoever else computes on the machine takes its caches, and makes it more.
    """
    taken = []
    for _ in range(3):
        began = time.process_time()
        table = {str(number): number * number for number in range(_YARDSTICK_STEPS)}
        sum(table[key] for key in sorted(table))
        taken.append(time.process_time() - began)
    return statistics.median(taken) * 1e3


def _processes() -> Iterator[_Process]:
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                # The name, in parentheses, may hold anything; the state follows the last one.
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            # utime, stime, and those of children that were waited for.
            yield _Process(int(entry.name), int(fields[1]), sum(map(int, fields[11:15])))


def _ancestry(pid: int, processes: Mapping[int, _Process]) -> Iterator[int]:
    while pid in processes:
        yield pid
        pid = processes[pid].parent

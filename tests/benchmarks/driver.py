"""Which workloads, on which copy, at which size of its database."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import uvloop

from tests.benchmarks import people, report
from tests.benchmarks.runs import Result, played
from tests.benchmarks.served import Copy, CopyError
from tests.benchmarks.stage import Stage, Workload
from tests.benchmarks.wire import WireError
from tests.benchmarks.workloads import ALL, AT_SIZES, BY_NAME

QUICK = 0.01


def drive(data_dir: Path, options: argparse.Namespace) -> int:
    """Play what the options name on a copy in `data_dir`; return the exit code."""
    try:
        sizes = sorted(int(size) for size in options.messages.split(",") if size)
        workloads = _chosen(options.workloads, at_sizes=bool(sizes))
    except ValueError as error:
        _say(str(error))
        return 2
    scale = QUICK if options.quick else 1.0
    copy = Copy(data_dir)
    results: list[Result] = []
    database: dict[str, str] = {}
    try:
        copy.start({})
        database = people.durability()
        if database["fsync"] != "on":
            raise CopyError("the copy's database answers before it has written: the figures would mean nothing")
        for size in sizes or [None]:
            results.extend(_played_at(copy, size, workloads, scale=scale, runs=options.runs))
    except (CopyError, WireError, LookupError) as error:
        _say(str(error))
        return 1
    finally:
        people.leave_database()
        copy.stop()
        if results:
            sys.stdout.write(f"{report.table(results)}\n")
            _say(f"written to {report.write_json(results, options.json, database=database)}")
            if options.quick:
                _say("with --quick the figures mean nothing")
    return 0


def _chosen(names: Sequence[str], *, at_sizes: bool) -> list[Workload]:
    """Return the workloads in their order. Raises ValueError for what can't be played."""
    if unknown := set(names) - BY_NAME.keys():
        raise ValueError(f"there is no workload {', '.join(sorted(unknown))}; there are {', '.join(BY_NAME)}")
    if not names:
        return [workload for workload in ALL if (workload.name in AT_SIZES if at_sizes else not workload.needs_seed)]
    chosen = [workload for workload in ALL if workload.name in names]
    if not at_sizes and any(workload.needs_seed for workload in chosen):
        raise ValueError("this wants a seeded database: give --messages")
    return chosen


def _played_at(
    copy: Copy, size: int | None, workloads: Iterable[Workload], *, scale: float, runs: int
) -> Iterator[Result]:
    for workload in workloads:
        # A copy that starts anew ends the connections to its database.
        people.leave_database()
        copy.start(workload.environment)
        if size is not None:
            _grow(copy, size)
        _say(workload.name if size is None else f"{workload.name} at {size:,} messages")
        stage = Stage(copy.port, copy.tree, scale)
        yield uvloop.run(played(workload, stage, runs=runs, calm_down=copy.calm_down, database_size=size))


def _grow(copy: Copy, size: int) -> None:
    """Seed what the database lacks of so many messages."""
    missing = size - people.count_messages()
    # Half a hundredth more or less is the same size; what the workloads wrote themselves is more than that.
    if missing > size // 200:
        _say(f"seeding {missing:,} messages")
        copy.command("seed", "--messages", str(missing))
        people.vacuum()


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")

"""The figures for people, as a table, and for programs, as JSON."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.processes import DRIVER, POSTGRES, VALKEY
from tests.benchmarks.runs import Result
from tests.benchmarks.stage import Aim

RESULTS_DIR = Path(__file__).resolve().parent / "results"
SIZE_TOLERANCE = 1.2
WRITER_GAIN = 1.5

_HEAD = ("workload", "", "ours", "spread", "target", "met", "PostgreSQL", "Valkey", "driver", "a second")
_LEFT = 2

Row = tuple[str, ...]
_NOTHING_BESIDE: Row = ("", "", "", "")


def table(results: Sequence[Result]) -> str:
    """Return the figures as a table: of each, the median of the runs, and the least and the greatest."""
    rows = [_HEAD, *(row for result in results for row in _rows(result)), *_comparisons(results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = [
        "  ".join(
            cell.ljust(width) if column < _LEFT else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:], "", _yardstick(results)])


def write_json(
    results: Sequence[Result], path: Path | None = None, *, database: Mapping[str, str] | None = None
) -> Path:
    """Write all figures of all runs, and on what they were measured; return the file."""
    now = datetime.now(UTC)
    if path is None:
        path = RESULTS_DIR / f"{now:%Y%m%dT%H%M%SZ}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "at": now.isoformat(),
        "on": _machine(),
        "database": database,
        "results": [_as_json(result) for result in results],
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return path


def _rows(result: Result) -> Iterator[Row]:
    for aim in result.workload.aims:
        values = result.values(aim.finding)
        beside = _NOTHING_BESIDE
        if aim.finding == "cpu":
            beside = tuple(_number(_median(result, role)) for role in (POSTGRES, VALKEY, DRIVER, "rate"))
        yield (_name(result), aim.label, *_judged(aim, values), *beside)


def _comparisons(results: Sequence[Result]) -> Iterator[Row]:
    """Yield what only two results together can tell."""
    by_name = {result.workload.name: result for result in results if result.database_size is None}
    if {"dms", "dms_unbatched"} <= by_name.keys():
        gain = _median(by_name["dms"], "rate") / _median(by_name["dms_unbatched"], "rate")
        yield _comparison(by_name["dms"], Aim("", "times the rate without writer", WRITER_GAIN, at_least=True), gain)
    smallest: dict[str, Result] = {}
    for result in results:
        if result.database_size is not None:
            base = smallest.setdefault(result.workload.name, result)
            if base is not result:
                aim = Aim("", f"times all CPU @ {base.database_size:,}", SIZE_TOLERANCE)
                yield _comparison(result, aim, _all_cpu(result) / _all_cpu(base))


def _comparison(result: Result, aim: Aim, value: float) -> Row:
    return (_name(result), aim.label, *_judged(aim, [value]), *_NOTHING_BESIDE)


def _yardstick(results: Sequence[Result]) -> str:
    values = [value for result in results for value in result.values("yardstick")]
    return (
        f"yardstick: a fixed piece of Python took {_number(statistics.median(values))} ms of CPU"
        f" ({_number(min(values))} - {_number(max(values))}): the more, the busier others kept the machine"
    )


def _judged(aim: Aim, values: Sequence[float]) -> Row:
    """Return median, spread, target, and whether it is met."""
    median = statistics.median(values)
    spread = f"{_number(min(values))} - {_number(max(values))}" if len(values) > 1 else ""
    if aim.target is None:
        return _number(median), spread, "", ""
    sign = "≥" if aim.at_least else "≤"
    return _number(median), spread, f"{sign} {aim.target:g}", "yes" if aim.is_met(median) else "NO"


def _all_cpu(result: Result) -> float:
    """Return what an operation cost us and PostgreSQL together."""
    return statistics.median(found["cpu"] + found[POSTGRES] for found in result.findings)


def _median(result: Result, finding: str) -> float:
    return statistics.median(result.values(finding))


def _name(result: Result) -> str:
    size = result.database_size
    return result.workload.name if size is None else f"{result.workload.name} @ {size:,}"


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _as_json(result: Result) -> dict[str, Any]:
    aims = [aim for aim in result.workload.aims if result.values(aim.finding)]
    return {
        "workload": result.workload.name,
        "operations": result.operations,
        "database_size": result.database_size,
        "environment": dict(result.workload.environment),
        "figures": {
            aim.finding: {
                "unit": aim.label,
                "median": _median(result, aim.finding),
                "min": min(result.values(aim.finding)),
                "max": max(result.values(aim.finding)),
                "target": aim.target,
                "met": aim.is_met(_median(result, aim.finding)),
            }
            for aim in aims
        },
        "runs": [
            {**found, "cpu_seconds": spent} for found, spent in zip(result.findings, result.cpu_seconds, strict=True)
        ],
    }


def _machine() -> dict[str, Any]:
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "commit": commit.stdout.strip() or None,
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
        "web_processes": os.environ.get("WEB_PROCESSES", "1"),
    }

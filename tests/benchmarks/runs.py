"""Playing a workload: warm up, then run after run between two looks at the books."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks.processes import DRIVER, POSTGRES, VALKEY, used, yardstick
from tests.benchmarks.stage import Findings, Stage, Workload

# What the last replies leave to do in the server belongs to the run.
_AFTERMATH_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Result:
    """A workload's runs: what each found, and the CPU seconds of each kind of process in it."""

    workload: Workload
    operations: int
    findings: list[Findings]
    cpu_seconds: list[dict[str, float]]
    # How many messages the database held, where that was asked for.
    database_size: int | None = None

    def values(self, finding: str) -> list[float]:
        """Return one finding of each run."""
        return [found[finding] for found in self.findings if finding in found]


async def played(
    workload: Workload,
    stage: Stage,
    *,
    runs: int,
    calm_down: Callable[[], None],
    database_size: int | None = None,
) -> Result:
    """Play a workload so many times, each after `calm_down`. Raises WireError."""
    operations = stage.size(workload.operations)
    findings: list[Findings] = []
    cpu_seconds: list[dict[str, float]] = []
    async with workload.play(stage) as run:
        if workload.warm_up:
            await run(stage.size(workload.warm_up))
        for _ in range(runs):
            await asyncio.to_thread(calm_down)
            measure = yardstick()
            before = stage.tree.cpu_seconds()
            began = time.perf_counter()
            found = await run(operations)
            seconds = time.perf_counter() - began
            await asyncio.sleep(_AFTERMATH_SECONDS)
            spent = used(before, stage.tree.cpu_seconds())
            cpu_seconds.append(spent)
            measure = (measure + yardstick()) / 2
            findings.append({**_shared_out(workload, stage, operations, spent, seconds), "yardstick": measure, **found})
    return Result(workload, operations, findings, cpu_seconds, database_size)


def _shared_out(
    workload: Workload, stage: Stage, operations: int, spent: dict[str, float], seconds: float
) -> dict[str, float]:
    """Return what one operation, or one of the people that it reaches, has cost."""
    parts = operations * stage.size(workload.people) * workload.unit
    return {
        "cpu": spent["ours"] / parts,
        **{role: spent.get(role, 0.0) / parts for role in (POSTGRES, VALKEY, DRIVER)},
        "rate": operations / seconds,
        "seconds": seconds,
    }

"""The benchmarks run: small, on the tests' own server, and without a word about time."""

import json
import os

import uvloop

from tests.benchmarks import report
from tests.benchmarks.processes import ProcessTree
from tests.benchmarks.runs import played
from tests.benchmarks.stage import Stage
from tests.benchmarks.workloads import ALL


def test_every_workload_can_be_played_and_reported(live_chat, tmp_path):
    stage = Stage(live_chat.port, ProcessTree(os.getpid()), scale=0.005)
    workloads = [workload for workload in ALL if not workload.needs_seed]

    results = [uvloop.run(played(workload, stage, runs=2, calm_down=lambda: None)) for workload in workloads]

    assert all(len(result.findings) == 2 for result in results)
    assert all(result.values(aim.finding) for result in results for aim in result.workload.aims)
    table = report.table(results)
    assert all(f"\n{workload.name} " in table for workload in workloads)
    written = json.loads(report.write_json(results, tmp_path / "figures.json").read_text())
    assert [result["workload"] for result in written["results"]] == [workload.name for workload in workloads]

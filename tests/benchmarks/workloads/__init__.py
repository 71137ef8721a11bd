"""All workloads, in the order in which they are played: what measures memory first, while the copy is fresh."""

from tests.benchmarks.stage import Workload
from tests.benchmarks.workloads import groups, idle, locks, photos, reads, searches, sends, uploads

ALL: tuple[Workload, ...] = (
    *idle.WORKLOADS,
    *sends.WORKLOADS,
    *groups.WORKLOADS,
    *reads.WORKLOADS,
    *searches.WORKLOADS,
    *locks.WORKLOADS,
    *uploads.WORKLOADS,
    *photos.WORKLOADS,
    *sends.UNBATCHED,
)
BY_NAME = {workload.name: workload for workload in ALL}
# What must cost the same however many messages the database holds.
AT_SIZES = (
    "history",
    "history_largest",
    "list_200",
    "rest_send",
    "ping",
    "sync_1000_in_50",
    "search_common",
    "search_rare",
)

"""`python -m tests.benchmarks`, which is `make bench`: makes a copy's place, then drives."""

import argparse
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django

from tests.benchmarks.served import point_at, without_foreign


def main() -> None:
    """Play what the command line names on a copy, and print and write the figures."""
    options = _options()
    # So that a copy is stopped and removed whatever ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with _data_dir(options.data_dir) as data_dir:
        settings = without_foreign(os.environ)
        os.environ.clear()
        os.environ.update(point_at(data_dir, settings))
        django.setup()
        # Only now can the models be imported.
        from tests.benchmarks.driver import drive

        try:
            sys.exit(drive(data_dir, options))
        except KeyboardInterrupt:
            sys.exit(128 + signal.SIGINT)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description="Measure what the product costs.")
    parser.add_argument("workloads", nargs="*", help="their names; without any, all that need no seeded database")
    parser.add_argument(
        "--messages", default="", metavar="N,…", help="database sizes to measure at, the smallest first"
    )
    parser.add_argument("--runs", type=int, default=3, help="of each workload (3)")
    parser.add_argument("--quick", action="store_true", help="a hundredth of everything: shows that it runs, no more")
    parser.add_argument("--data-dir", type=Path, help="keep the copy here, and go on with it if it is here")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser.parse_args()


@contextlib.contextmanager
def _data_dir(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given.resolve()
        return
    data_dir = Path(tempfile.mkdtemp(prefix="chat-bench-"))
    try:
        yield data_dir
    finally:
        shutil.rmtree(data_dir)


if __name__ == "__main__":
    main()

import json
from argparse import ArgumentParser
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand

from chat_project.schema.health import measure_partitions

_MEBIBYTE = 1024 * 1024


class Command(BaseCommand):
    help = (
        "Say how large each partition is, and how evenly a table is spread: skew is the largest partition by the mean. "
        "Rows are those of the last ANALYZE. It changes nothing."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Write the partitions as a JSON list.")

    def handle(self, *args: Any, **options: Any) -> None:
        partitions = measure_partitions()
        if options["json"]:
            self.stdout.write(json.dumps(partitions, indent=2))
            return
        for table, found in groupby(partitions, key=lambda partition: partition["table"]):
            rows = list(found)
            sizes = [row["bytes"] for row in rows]
            skew = max(sizes) * len(sizes) / (sum(sizes) or 1)
            self.stdout.write(f"{table}: {len(rows)} partitions, {sum(sizes) / _MEBIBYTE:.1f} MiB, skew {skew:.2f}")
            for row in rows:
                self.stdout.write(f"  {row['partition']}: {row['rows']} rows, {row['bytes'] / _MEBIBYTE:.2f} MiB")

import json
from argparse import ArgumentParser
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError, connection

from chat_project.core.db.owner import as_owner
from chat_project.core.progress import Bar
from chat_project.schema.health import measure_partitions
from chat_project.schema.repartitioning import RepartitioningError, check_number, hash_tables, repartition

_MEBIBYTE = 1024 * 1024


class Command(BaseCommand):
    help = (
        "Say how large each partition is, and how evenly a table is spread: skew is the largest partition by the mean. "
        "Rows are those of the last ANALYZE. It changes nothing, but with --change: then each partition is divided, in "
        "one transaction during which nobody reads or writes messages; interrupted, nothing has happened. Exit code 1 "
        "where the number does not fit, or a table was in use."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Write the partitions as a JSON list.")
        parser.add_argument("--change", metavar="N", type=int, help="Have N partitions instead, a multiple of now's.")
        parser.add_argument("--dry-run", action="store_true", help="With --change: say what would be done.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["change"] is not None:
            self._change(options["change"], dry_run=options["dry_run"])
            return
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

    def _change(self, number: int, *, dry_run: bool) -> None:
        server_role = connection.settings_dict["USER"]
        tables = ", ".join(hash_tables())
        try:
            current = check_number(number)
            if dry_run:
                size = sum(part["bytes"] for part in measure_partitions()) / _MEBIBYTE
                self.stdout.write(f"{tables}: {current} partitions would become {number}; {size:.1f} MiB are copied")
                return
            with as_owner(), Bar(self.stderr, "partitions", current * len(hash_tables())) as bar:
                for done, _ in enumerate(repartition(number, server_role=server_role), 1):
                    bar.show(done)
        except RepartitioningError as error:
            raise CommandError(str(error)) from None
        except (OperationalError, ProgrammingError) as error:
            reason = str(error).splitlines()[0]
            raise CommandError(f"Nothing has changed: {reason}.") from error
        self.stdout.write(f"{tables}: {current} partitions became {number}")

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from chat_project.core.db.owner import as_owner
from chat_project.core.progress import Bar
from chat_project.core.retention import Policy, apply_policy, count_due
from chat_project.retention import POLICIES
from moderation.services.retention import drop_audit_month, list_due_months

AUDIT = "audit"


class Command(BaseCommand):
    help = (
        "Take away what is past its time, by the policies of docs/operations.md: in short transactions, each with its "
        "row in the audit log. It may be stopped or killed anywhere; the next run goes on. The clock runs it daily. "
        "Exit code 1 where something was locked, and is left to the next run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count what would go, and change nothing.")
        names = [*(policy.name for policy in POLICIES), AUDIT]
        parser.add_argument("--policy", action="append", choices=names, help="Only this one; may be given again.")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["policy"] or [*(policy.name for policy in POLICIES), AUDIT]
        skipped = 0
        for policy in (policy for policy in POLICIES if policy.name in wanted):
            kept = f"kept {policy.days} days" if policy.days > 0 else "kept for ever"
            due = count_due(policy)
            self.stdout.write(f"{policy.name}: {due} rows due ({kept}): {policy.what}")
            if due and not options["dry_run"]:
                skipped += self._apply(policy, due)
        if AUDIT in wanted:
            self._drop_months(dry_run=options["dry_run"])
        if skipped:
            raise CommandError(f"{skipped} rows were locked. The next run takes them.")

    def _apply(self, policy: Policy, due: int) -> int:
        with Bar(self.stderr, policy.name, due) as bar:
            for progress in apply_policy(policy):
                bar.show(progress.rows + progress.skipped)
        self.stdout.write(
            f"{policy.name}: {progress.rows} rows gone; the longest transaction took "
            f"{progress.slowest_seconds * 1000:.0f} ms"
        )
        return progress.skipped

    def _drop_months(self, *, dry_run: bool) -> None:
        months = list_due_months()
        self.stdout.write(f"{AUDIT}: {len(months)} months due: {', '.join(months) or 'none'}")
        if dry_run or not months:
            return
        try:
            with as_owner():
                for month in months:
                    self.stdout.write(f"{AUDIT}: {month} is dropped with {drop_audit_month(month=month)} rows")
        except ProgrammingError as error:
            raise CommandError("MIGRATION_DATABASE_URL names no role that may drop the audit log's months.") from error

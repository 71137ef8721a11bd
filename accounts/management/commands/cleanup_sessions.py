from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.services.cleanup import cleanup_sessions, count_old_sessions


class Command(BaseCommand):
    help = (
        "Delete sessions that expired SESSION_RETENTION_DAYS ago, and browsers' expired sessions. The clock does it "
        "hourly. It may be stopped anywhere and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count what would go, and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self.stdout.write(f"{count_old_sessions()} sessions would be deleted")
            return
        self.stdout.write(f"{cleanup_sessions()} sessions deleted")

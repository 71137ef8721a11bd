from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.loader import MigrationLoader

from chat_project.schema.unsafe import unsafe_migrations


class Command(BaseCommand):
    help = (
        "Look for migrations that can't be applied while the version before still serves: locks that last as long "
        "as a table is large, and changes that its code does not survive. It asks no database. "
        "Exit code 1 where it finds any."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        found = unsafe_migrations(MigrationLoader(None, ignore_no_migrations=True))
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(f"{len(found)} operations are unsafe: see docs/operations.md.")

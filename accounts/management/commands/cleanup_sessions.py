from typing import Any

from django.core.management.base import BaseCommand

from accounts.services.cleanup import cleanup_sessions


class Command(BaseCommand):
    help = "Delete sessions that expired long ago."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{cleanup_sessions()} sessions deleted")

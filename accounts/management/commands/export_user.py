import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.management.people import PersonCommand, find_person
from accounts.services.export import write_export
from chat_project.core import audit


class Command(PersonCommand):
    help = (
        "Write all that is a person's into a ZIP file of JSON and files, which docs/operations.md describes. The file "
        "is readable by its owner alone. Exit code 1 where there is no such person, or the file is there already."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--output", metavar="FILE.zip", required=True, help="Where to write; it must not be there.")

    def handle(self, *args: Any, **options: Any) -> None:
        person = find_person(options["name"])
        path = Path(options["output"])
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{path} can't be written: {error.strerror}.") from None
        finished = False
        try:
            with os.fdopen(descriptor, "wb") as file:
                write_export(user_id=person.pk, target=file, progress=self._say)
            finished = True
        finally:
            # Half an archive is none.
            if not finished:
                path.unlink(missing_ok=True)
        audit.record(actor_id=None, action="account.exported", target=person)
        self.stdout.write(f"{path}: {path.stat().st_size} bytes")

    def _say(self, done: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"{done} of {total}", ending="\r")

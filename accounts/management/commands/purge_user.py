from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.management.people import PersonCommand, find_person
from conversations.services.purging import count_references, purge_account


class Command(PersonCommand):
    help = (
        "Delete a person for good, and all that is their own: sessions, contacts, blocks, memberships, reactions and "
        "their picture. What they wrote stays, without a sender; the audit log stays. It can't be undone. Without "
        "--yes, or with --dry-run, it says what would go and changes nothing. Killed on its way, it can be run again. "
        "Exit code 1 where there is no such person, or --yes is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--yes", action="store_true", help="Do it.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would go, and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        person = find_person(options["name"])
        if options["dry_run"] or not options["yes"]:
            self._say_what_goes(person.pk)
            if not options["dry_run"]:
                raise CommandError("Nothing was changed. Give --yes to delete this person for good.")
            return
        shown = str(person)
        purge_account(user_id=person.pk)
        self.stdout.write(f"{shown} is deleted")

    def _say_what_goes(self, user_id: str) -> None:
        for reference, count in count_references(user_id=user_id).items():
            fate = "go" if reference.is_own else "stay without a name"
            self.stdout.write(f"{reference.label}: {count} {fate}")

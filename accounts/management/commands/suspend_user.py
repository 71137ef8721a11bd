from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.dateparse import parse_date, parse_datetime

from accounts.management.people import PersonCommand, find_person, refused
from accounts.services.suspension import lift_suspension, suspend
from chat_project.core.errors import ApplicationError


class Command(PersonCommand):
    help = (
        "Suspend an account: its sessions end at once, and nobody can sign in to it until the time given with --until, "
        "or until it is lifted with --lift. Exit code 1 where there is no such person, or nothing to lift."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--until", metavar="TIME", help="A day or a time, like 2027-01-31 or 2027-01-31T12:00Z (UTC)."
        )
        action = parser.add_mutually_exclusive_group(required=True)
        action.add_argument("--reason", help="Why; kept with the account, and shown to moderators alone.")
        action.add_argument("--lift", action="store_true", help="End the suspension instead.")

    def handle(self, *args: Any, **options: Any) -> None:
        person = find_person(options["name"])
        try:
            if options["lift"]:
                if not lift_suspension(user_id=person.pk):
                    raise CommandError(f"{person} is not suspended.")
                self.stdout.write(f"{person} may sign in again")
                return
            until = _moment(options["until"])
            suspend(user_id=person.pk, until=until, reason=options["reason"])
        except ApplicationError as error:
            raise refused(error) from None
        self.stdout.write(f"{person} is suspended {f'until {until:%Y-%m-%d %H:%M} UTC' if until else 'until lifted'}")


def _moment(text: str | None) -> datetime | None:
    """Return a time; of a day, its beginning in UTC. Raises CommandError."""
    if text is None:
        return None
    try:
        moment = parse_datetime(text)
        day = parse_date(text)
    except ValueError:
        moment = day = None
    if day is not None:
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if moment is None:
        raise CommandError(f"{text} is no time. Give one like 2027-01-31 or 2027-01-31T12:00Z.")
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from chat_project.demo.bulk.load import seed_crowd
from chat_project.demo.bulk.numbers import Numbers, NumbersError
from chat_project.demo.cast import PEOPLE, SIGN_IN_WITH
from chat_project.demo.load import NotEmptyError, seed_demo

_NUMBERS = ("users", "conversations", "messages")


class Command(BaseCommand):
    help = (
        "Without numbers: fill an empty database with the demo: people, conversations, nine days of messages. "
        "With any number: add so many, besides what is there; messages bring the conversations that they need, "
        "conversations their people."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name in _NUMBERS:
            # Read here and not by argparse, which would answer nonsense with its whole usage.
            parser.add_argument(f"--{name}", metavar="N", help=f"How many {name} to add.")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = [_number(name, options[name]) for name in _NUMBERS]
        if asked == [None, None, None]:
            self._seed_demo(verbose=bool(options["verbosity"]))
        else:
            self._add(*asked, verbose=bool(options["verbosity"]))

    def _seed_demo(self, *, verbose: bool) -> None:
        try:
            seeded = seed_demo(now=timezone.now())
        except NotEmptyError:
            raise CommandError("The database has people already; the demo is for an empty one.") from None
        if not verbose:
            return
        names = ", ".join(person.username for person in PEOPLE if person.signs_in)
        self.stdout.write(
            f"Seeded {seeded.people} people, {seeded.conversations} conversations, {seeded.messages} messages. "
            f"Sign in as {names}; the password is {SIGN_IN_WITH}."
        )

    def _add(self, people: int | None, conversations: int | None, messages: int | None, *, verbose: bool) -> None:
        def tell(line: str) -> None:
            if verbose:
                self.stdout.write(line)
                self.stdout.flush()

        try:
            numbers = Numbers.completed(people=people, conversations=conversations, messages=messages)
            seed_crowd(numbers, now=timezone.now(), tell=tell)
        except NumbersError as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            reason = str(error).splitlines()[0]
            raise CommandError(f"Stopped: {reason}. What was added so far are whole conversations.") from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was added so far are whole conversations.", returncode=130) from None
        tell(f"Added {numbers.people:,} users, {numbers.conversations:,} conversations, {numbers.messages:,} messages.")


def _number(name: str, given: Any) -> int | None:
    try:
        return None if given is None else int(given)
    except ValueError:
        raise CommandError(f"--{name} takes a number, not {given}.") from None

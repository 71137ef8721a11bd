from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from chat_project.demo.cast import PEOPLE, SIGN_IN_WITH
from chat_project.demo.load import NotEmptyError, seed_demo


class Command(BaseCommand):
    help = "Fill an empty database with the demo: people, conversations, nine days of messages."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            seeded = seed_demo(now=timezone.now())
        except NotEmptyError:
            raise CommandError("The database has people already; the demo is for an empty one.") from None
        if not options["verbosity"]:
            return
        names = ", ".join(person.username for person in PEOPLE if person.signs_in)
        self.stdout.write(
            f"Seeded {seeded.people} people, {seeded.conversations} conversations, {seeded.messages} messages. "
            f"Sign in as {names}; the password is {SIGN_IN_WITH}."
        )

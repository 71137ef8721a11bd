"""What the commands about people share: whom they mean."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from accounts.models import User
from chat_project.core.errors import ApplicationError


class PersonCommand(BaseCommand):
    """A command about one person, by username or id."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="A username, or the id of an account.")


def find_person(name: str) -> User:
    """Return the person of a username or an id, open or closed. Raises CommandError."""
    wanted = name.strip().removeprefix("@")
    person = User.objects.filter(Q(username=wanted.lower()) | Q(id=wanted)).first()
    if person is None:
        raise CommandError(f"There is nobody called {name}.")
    return person


def refused(error: ApplicationError) -> CommandError:
    """Return what a service refused, as a command says it."""
    messages = [f"{field}: {text}" for field, texts in error.errors.items() for text in texts]
    return CommandError(" ".join(messages) or error.detail)

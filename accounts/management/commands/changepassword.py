from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.services.passwords import replace_password
from chat_project.core.errors import ApplicationError


class Command(BaseCommand):
    """Takes the place of Django's, which would leave the account's sessions as they are."""

    help = "Give an account another password, and end its sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        password = getpass("New password: ")
        if getpass("Once more: ") != password:
            raise CommandError("these are two passwords; nothing was changed")
        try:
            replace_password(username=username, password=password)
        except ApplicationError as error:
            messages = [message for field in error.errors.values() for message in field]
            raise CommandError(" ".join(messages) or error.detail) from None
        self.stdout.write("the password is changed, and the account's sessions have ended")

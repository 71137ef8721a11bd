from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.services.second_factors import remove_all


class Command(BaseCommand):
    help = "Remove all second factors of somebody who lost them, so that the password alone signs in. They get a mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"].lower().removeprefix("@"), is_active=True).first()
        if user is None:
            raise CommandError("There is nobody of this name.")
        removed = remove_all(user_id=user.pk)
        self.stdout.write("removed" if removed else "there were none")

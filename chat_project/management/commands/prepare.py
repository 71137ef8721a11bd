import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from chat_project.embedded import ServerError
from chat_project.serving import preparation
from chat_project.serving.log import Log


class Command(BaseCommand):
    help = (
        "Do what has to be done once before `serve --parts`: migrations, static files, the administrator, and the demo "
        "where it is safe. What was done before is not done again. Exit code 1 where it fails."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--static", action="store_true", help="Collect static files alone; no database is asked.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["static"]:
            preparation.collect_static_files()
            return
        try:
            preparation.prepare_all(settings.LAYOUT, Log(sys.stdout.fileno()))
        except (ServerError, DatabaseError) as error:
            raise CommandError(str(error).splitlines()[0]) from error

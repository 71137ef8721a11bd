"""Write docs/schema.md, or check that it is current."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from chat_project.schema.document import PATH, schema_document


class Command(BaseCommand):
    help = "Write docs/schema.md from the models."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail where the page is not current")

    def handle(self, *args: Any, **options: Any) -> None:
        page = schema_document(connection)
        if not options["check"]:
            PATH.parent.mkdir(exist_ok=True)
            PATH.write_text(page)
        elif not PATH.exists() or PATH.read_text() != page:
            raise CommandError("docs/schema.md is not current: run manage.py schema_docs")

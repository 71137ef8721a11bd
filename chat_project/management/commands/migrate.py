"""Django's migrate, as the role that owns the tables, one at a time, and never waiting long for a lock."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connection
from django.db.utils import OperationalError

from chat_project.core.db.owner import as_owner
from chat_project.core.db.rights import grant_rights

# Any number that nothing else locks.
_ADVISORY_KEY = 4_820_511_907


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        server_role = connection.settings_dict["USER"]
        with as_owner():
            self._require_to_be_alone()
            super().handle(*args, **options)
            if not options["plan"]:
                grant_rights(connection, server_role)

    def _require_to_be_alone(self) -> None:
        """Hold a lock that ends with the connection: two copies of a server may start at the same time."""
        with connection.cursor() as cursor:
            try:
                cursor.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_KEY])
            except OperationalError as error:
                raise CommandError("another migrate is running: try again when it has ended") from error

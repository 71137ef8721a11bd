"""The PostgreSQL of this run, for tests that put another server before it or beside it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from chat_project.embedded import Layout, Postgres
from chat_project.embedded.layout import SUPERUSER_ROLE


class Cluster:
    """The embedded server that the tests run on, and where its sockets and files are."""

    def __init__(self) -> None:
        self.socket_dir = Path(str(settings.DATABASES["default"]["HOST"]))
        self.database = str(connection.settings_dict["NAME"])
        if os.environ.get("TEST_DATABASE_URL"):
            pytest.skip("the server of TEST_DATABASE_URL is not ours to change")
        with self.superuser() as session:
            self.data = Path(str(session.execute("SHOW data_directory").fetchone()[0]))
        self.postgres = Postgres(Layout.of(self.data.parent))

    @contextmanager
    def superuser(self) -> Iterator[psycopg.Connection[Any]]:
        """Open a session that may do anything."""
        place = {"host": str(self.socket_dir), "user": SUPERUSER_ROLE, "dbname": self.database}
        with psycopg.connect(**place, autocommit=True) as session:
            yield session

    def admit(self) -> None:
        """Let in programs that run as the server's own user, and replicas."""
        name = self.postgres.user.name if self.postgres.user else ""
        map_of_users, rules = self.data / "pg_ident.conf", self.data / "pg_hba.conf"
        if name and f'"{name}"' not in map_of_users.read_text():
            with map_of_users.open("a") as file:
                file.writelines(f'chat "{name}" {role}\n' for role in ("postgres", "chat_owner", "chat_app"))
        if "replication" not in rules.read_text():
            with rules.open("a") as file:
                file.write("local replication all peer map=chat\n")
        with self.superuser() as session:
            session.execute("SELECT pg_reload_conf()")

"""Roles and databases for the tests of the schema."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from chat_project.embedded.layout import SUPERUSER_ROLE
from chat_project.schema.validation import validate


@pytest.fixture
def findings_after(db: Any) -> Callable[..., list[str]]:
    """Run statements in the test's transaction, and return what validation then finds."""

    def run(*statements: str) -> list[str]:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        return [str(finding) for finding in validate(connection, connection.settings_dict["USER"]).findings]

    return run


@pytest.fixture
def superuser(db: Any) -> Iterator[BaseDatabaseWrapper]:
    """A connection to the test's database with every right that there is."""
    other = connection.copy()
    other.settings_dict = {**connection.settings_dict}
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            other.settings_dict["USER"] = SUPERUSER_ROLE
    yield other
    other.close()


@pytest.fixture
def server_role(superuser: BaseDatabaseWrapper) -> Iterator[str]:
    """A role that owns nothing, as the server's, without rights yet."""
    role = f"chat_test_{secrets.token_hex(4)}"
    with superuser.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
    yield role
    superuser.close()  # with whatever transaction a failed test left open
    with superuser.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {role}")
        cursor.execute(f"DROP ROLE {role}")


@pytest.fixture
def own_database(transactional_db: Any) -> Iterator[dict[str, Any]]:
    """Have the default connection speak to an empty database; gives the settings of the usual one."""
    name = f"chat_test_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    usual = connection.settings_dict
    connection.close()
    connection.settings_dict = {**usual, "NAME": name}
    yield usual
    connection.close()
    connection.settings_dict = usual
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name}")


@pytest.fixture
def own_schema(own_database: dict[str, Any]) -> None:
    """Have the default connection speak to a migrated database of the test's own."""
    call_command("migrate", verbosity=0, skip_checks=True)


def refusal(database: BaseDatabaseWrapper, *statements: str) -> str:
    """Run statements that PostgreSQL must refuse, take all of it back, and return the message."""
    with database.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            for statement in statements:
                cursor.execute(statement)
        except Error as error:
            return str(error.__cause__).splitlines()[0]
        finally:
            cursor.execute("ROLLBACK")
    pytest.fail(f"{statements[-1]} was not refused")

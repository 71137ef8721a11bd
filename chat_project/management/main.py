"""What manage.py does around Django's own command line."""

import contextlib
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from chat_project.embedded import ServerError, servers
from chat_project.serving.reach import require_database

# They ask no database; `serve` looks after its servers itself.
_ALONE = {
    *("", "help", "version", "check", "diffsettings", "spectacular", "serve"),
    *("collectstatic", "findstatic", "compilemessages", "makemessages", "startapp", "startproject", "lint_migrations"),
}
# They work as the role that owns the tables, and say so where MIGRATION_DATABASE_URL names none.
_AS_OWNER = {"migrate", "prepare", "apply_retention"}
_ALONE_BY = {"-h", "--help", "--static"}

INTERRUPTED = 128 + signal.SIGINT
_POSTGRES = ("postgres", "postgresql", "psql", "pgsql")
# What an address may begin with; the first is how it is documented.
_SCHEMES = {
    **dict.fromkeys(("DATABASE_URL", "MIGRATION_DATABASE_URL", "REPLICA_URL"), _POSTGRES),
    "REDIS_URL": ("redis", "rediss", "unix"),
    "CLAMD_URL": ("tcp", "unix"),
}


def run(arguments: list[str]) -> None:
    """Run a command; trouble with the settings, the copy's servers or the database is one line and exit code 1.

    Ctrl-C is one line and exit code 130.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chat_project.settings")
    command = arguments[1] if len(arguments) > 1 else ""
    try:
        _require_settings()
        with contextlib.ExitStack() as stack:
            if command not in _ALONE and not command.startswith("-") and not _ALONE_BY & set(arguments):
                stack.enter_context(_servers())
                if command in _AS_OWNER and os.environ.get("MIGRATION_DATABASE_URL"):
                    require_database("MIGRATION_DATABASE_URL", settings.MIGRATION_DATABASES_DEFAULT)
            execute_from_command_line(arguments)
    except ServerError as error:
        sys.exit(f"{'serve' if command == 'serve' else 'manage.py'}: {error}")
    except KeyboardInterrupt:
        sys.stderr.write(f"manage.py: {command} was interrupted\n")
        sys.exit(INTERRUPTED)
    except OperationalError as error:
        if "--traceback" in arguments:
            raise
        sys.exit(f"manage.py: the database does not do it: {str(error).splitlines()[0]}")


def _require_settings() -> None:
    """Read the settings now: Django would show a traceback, or miss the project's commands."""
    for name, schemes in _SCHEMES.items():
        if (url := os.environ.get(name)) and urlsplit(url).scheme not in schemes:
            raise ServerError(f"{name} is no {schemes[0]}:// URL")
    if os.environ.get("PORT", "8000") not in map(str, range(1, 65_536)):
        raise ServerError(f"PORT {os.environ['PORT']} is no number between 1 and 65535")
    try:
        importlib.import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    except (ImproperlyConfigured, ValueError) as error:
        # What int() says does not name the setting: the line of the settings does.
        frames = traceback.extract_tb(error.__traceback__)
        places = [frame.line for frame in frames if frame.filename.endswith("settings.py")]
        raise ServerError(f"a setting can't be read: {error}: {places[-1] if places else ''}") from error


@contextlib.contextmanager
def _servers() -> Iterator[None]:
    if not settings.EMBEDDED_DATABASE:
        require_database("DATABASE_URL", settings.DATABASES["default"])
    # The default is to die at once, and to leave the servers behind.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)
    with servers(settings.LAYOUT.data_dir, os.environ):
        yield


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)

"""What stands between a running database and a running web: tables, static files, the demo, the administrator."""

import hashlib
import ipaddress
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chat_project.demo.cast import PEOPLE
from chat_project.embedded import Layout, Postgres, ServerError
from chat_project.serving.log import Log

ADMINISTRATOR = "admin"
_DUMPS_KEPT = 5


def prepare_all(layout: Layout, log: Log) -> None:
    """Do all that a copy needs before it serves. What was done before is not done again.

    Raises: ServerError, CommandError, DatabaseError.
    """
    apply_migrations(layout, log)
    collect_static_files()
    if may_seed(settings.HOST, settings.SEED_DEMO):
        seed_demo(log)
    if password := ensure_administrator(settings.ADMIN_PASSWORD):
        # Once, and here alone: it is in no file.
        log.show(f"admin password: {password}")


def apply_migrations(layout: Layout, log: Log) -> None:
    """Bring the tables up to date; an embedded database that has any is dumped first.

    Raises: ServerError where the dump fails, CommandError, DatabaseError.
    """
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not pending:
        return
    if executor.loader.applied_migrations and settings.EMBEDDED_DATABASE:
        log.say(f"the database is dumped to {_dump(layout)}")
    log.say(f"applying {len(pending)} migrations")
    call_command("migrate", interactive=False, verbosity=0)


def collect_static_files() -> None:
    """Copy and compress the static files, unless they are the ones of the last time."""
    stamp = Path(settings.STATIC_ROOT).with_suffix(".stamp")
    fingerprint = _fingerprint_of_sources()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(fingerprint)


def forget_metrics() -> None:
    """Begin to count anew: what the processes of the last run counted stands in files by their numbers."""
    for file in Path(settings.METRICS_DIR).glob("*.db"):
        file.unlink(missing_ok=True)


def may_seed(host: str, choice: str) -> bool:
    """Tell whether the demo, whose password everybody knows, may be put into an empty database.

    `choice` is SEED_DEMO: on, off, or empty for what is safe: only here, and only for who sits here.

    Raises: ServerError where it is something else.
    """
    if choice not in ("", "on", "off"):
        raise ServerError(f"SEED_DEMO {choice} is neither on nor off")
    if choice:
        return choice == "on"
    # Behind a proxy on this host everybody would sit here.
    site = urlsplit(settings.SITE_URL).hostname or ""
    return bool(settings.EMBEDDED_DATABASE) and _is_loopback(host) and _is_loopback(site)


def seed_demo(log: Log) -> None:
    """Fill an empty database with the demo."""
    if get_user_model().objects.exclude(username=ADMINISTRATOR).exists():
        return
    log.say("filling the empty database with the demo")
    call_command("seed", verbosity=0)


def list_demo_accounts() -> list[str]:
    """Return the names of the demo's people who can sign in here."""
    names = [person.username for person in PEOPLE if person.signs_in]
    found = set(get_user_model().objects.filter(username__in=names).values_list("username", flat=True))
    return [name for name in names if name in found]


def ensure_administrator(given_password: str) -> str | None:
    """Make the administrator where there is none, and return the password if it was made here: nobody else knows it."""
    accounts = get_user_model().objects
    if accounts.filter(username=ADMINISTRATOR).exists():
        return None
    password = given_password or secrets.token_urlsafe(12)
    accounts.create_superuser(ADMINISTRATOR, f"{ADMINISTRATOR}@localhost", password)
    return None if given_password else password


def _dump(layout: Layout) -> Path:
    layout.backups_dir.mkdir(mode=0o700, exist_ok=True)
    target = layout.backups_dir / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.dump"
    Postgres(layout).dump(target)
    for old in sorted(layout.backups_dir.glob("*.dump"))[:-_DUMPS_KEPT]:
        old.unlink()
    return target


def _fingerprint_of_sources() -> str:
    """Return what changes with any static file of the project or of an application."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = os.stat(storage.path(path))
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

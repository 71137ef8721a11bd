"""Working as the role that owns the tables: migrations do, the server never does."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

# A migration that has to wait for a lock makes everybody behind it wait too: it gives up soon, and is tried again.
_LOCK_TIMEOUT = "5s"
_STATEMENT_TIMEOUT = "30min"


@contextmanager
def as_owner() -> Iterator[None]:
    """Have the default connection speak as MIGRATION_DATABASE_URL's role for the length of the block.

    Its database stays: tests migrate databases of other names. It is a plain connection, out of the pool.
    """
    app = connection.settings_dict
    owner = settings.MIGRATION_DATABASES_DEFAULT
    options = {key: value for key, value in owner["OPTIONS"].items() if key != "pool"}
    timeouts = f"-c lock_timeout={_LOCK_TIMEOUT} -c statement_timeout={_STATEMENT_TIMEOUT}"
    options["options"] = f"{options.get('options', '')} {timeouts}".strip()
    connection.close()
    connection.settings_dict = {**app, **owner, "NAME": app["NAME"], "OPTIONS": options}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = app

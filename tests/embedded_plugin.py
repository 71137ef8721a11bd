"""Real servers for the tests: one throw-away PostgreSQL for the whole run, and a Valkey for each process.

Named in pytest's `-p`, so that it comes before pytest-django reads the settings. TEST_DATABASE_URL,
TEST_MIGRATION_DATABASE_URL and TEST_REDIS_URL name servers to use instead.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from chat_project.embedded import servers

_running = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None]:
    start_test_servers()
    yield


def pytest_unconfigure() -> None:
    _running.close()


def start_test_servers() -> None:
    """Point the environment at servers of this run's own, started here unless the run's first process did."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    data_dir = Path(tempfile.mkdtemp(prefix="chat-test-"))
    _running.callback(shutil.rmtree, data_dir)
    os.environ["DATA_DIR"] = str(data_dir)
    if not worker:
        # xdist's workers load the plugins of their command line only after Django's settings, but these before.
        os.environ["PYTEST_PLUGINS"] = __name__
        _take_from_tests("DATABASE_URL", "MIGRATION_DATABASE_URL")
    _take_from_tests("REDIS_URL")
    layout = _running.enter_context(servers(data_dir, os.environ, for_tests=True))
    os.environ.setdefault("DATABASE_URL", layout.database_url)
    os.environ.setdefault("MIGRATION_DATABASE_URL", layout.migration_database_url)
    if "REDIS_URL" in os.environ:
        # A server that the workers share has sixteen databases; a process uses three.
        number = int(worker.removeprefix("gw") or 0)
        os.environ.update(REDIS_DATABASE=str(number % 5 * 3), REDIS_KEY_PREFIX=f"chat-test-{number}")
    else:
        os.environ["REDIS_URL"] = layout.redis_url


def _take_from_tests(*names: str) -> None:
    """Set variables to what their TEST_ twins say, and forget what they say for the server of everyday use."""
    for name in names:
        os.environ.pop(name, None)
        if given := os.environ.get(f"TEST_{name}"):
            os.environ[name] = given

"""`manage.py serve` from nothing: its life and its death."""

import contextlib
import os
import signal
from collections.abc import Iterator

import pytest

from chat_project.embedded import Postgres, Valkey
from chat_project.embedded.processes import is_running, wait_until
from tests.embedded.layouts import new_layout, remove
from tests.serving.copies import Copy, command, free_port

# One copy serves them all.
pytestmark = pytest.mark.xdist_group("serve")


@pytest.fixture(scope="module")
def one_copy() -> Iterator[Copy]:
    copy = Copy(new_layout(), free_port())
    yield copy
    copy.kill()
    remove(copy.layout)


@pytest.fixture
def copy(one_copy: Copy) -> Copy:
    """A copy that runs: the one of the tests before, where they left it alive."""
    if not one_copy.runs():
        one_copy.start()
    return one_copy


def test_it_serves_and_every_part_answers(copy):
    assert copy.get("/healthz") == "ok"
    assert '"status": "ok"' in copy.get("/readyz")


def test_the_administrators_password_is_said_once_and_is_in_no_file(copy):
    [line] = [line for line in copy.said if line.startswith("admin password: ")]
    password = line.split()[-1].encode()
    files = [path for path in copy.layout.data_dir.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if password in path.read_bytes()]


def test_the_web_runs_as_the_role_that_owns_nothing(copy):
    answer = command(
        "shell",
        "-v0",
        "-c",
        "from django.db import connection as c; u = c.cursor(); u.execute('SELECT current_user'); print(u.fetchone())",
        DATA_DIR=copy.layout.data_dir,
    )
    assert answer.stdout == "('chat_app',)\n"


def test_a_command_uses_the_servers_of_the_running_copy(copy):
    before = Postgres(copy.layout).pid(), Valkey(copy.layout).pid()
    answer = command("migrate", "--check", DATA_DIR=copy.layout.data_dir)
    assert answer.returncode == 0
    assert (Postgres(copy.layout).pid(), Valkey(copy.layout).pid()) == before


def test_a_copy_that_runs_is_not_served_twice(copy):
    answer = command("serve", DATA_DIR=copy.layout.data_dir, PORT=free_port())
    assert (answer.stdout, answer.stderr, answer.returncode) == (
        f"serve: {copy.layout.data_dir} is being served already: end that one, or choose another DATA_DIR\n",
        "",
        1,
    )


def test_a_port_in_use_is_one_line(copy, tmp_path):
    answer = command("serve", DATA_DIR=tmp_path / "data", PORT=copy.port)
    line = f"serve: port {copy.port} on 127.0.0.1 is in use: choose another with PORT=…\n"
    assert (answer.stdout, answer.stderr, answer.returncode) == (line, "", 1)


def test_a_killed_database_comes_back_and_it_is_said(copy):
    os.kill(Postgres(copy.layout).pid(), signal.SIGKILL)
    copy.read_until("serve: postgres ended with code -9, starting it again")
    assert wait_until(Postgres(copy.layout).answers, 20)


def test_killed_altogether_it_leaves_nothing_and_starts_again_with_its_data(copy):
    key = (copy.layout.data_dir / "secret_key").read_text()
    pids = copy.pids()
    assert len(pids) > 5
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    copy.kill()
    assert wait_until(lambda: not any(map(is_running, pids)), 10)
    said_before = len(copy.said)
    copy.start()
    assert (copy.layout.data_dir / "secret_key").read_text() == key
    assert not [line for line in copy.said[said_before:] if "admin password" in line or "migrations" in line]


def test_a_signal_ends_all_of_it_within_ten_seconds(copy):
    pids = copy.pids()
    copy.process.send_signal(signal.SIGTERM)
    assert copy.process.wait(10) == 0
    assert not any(map(is_running, pids))

"""What `manage.py` says when it can't: one line, and exit code 1."""

import os
import re
import subprocess
import sys

import pytest

from tests.serving.copies import BASE_DIR, command, free_port


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"PORT": "abc"}, "serve: PORT abc is no number between 1 and 65535\n"),
        (
            {"HOST": "203.0.113.1"},
            "serve: 203.0.113.1 port 8000 can't be listened on: Cannot assign requested address\n",
        ),
        ({"DATABASE_URL": "mysql://u:secret@host/x"}, "serve: DATABASE_URL is no postgres:// URL\n"),
        ({"REDIS_URL": "localhost:6379"}, "serve: REDIS_URL is no redis:// URL\n"),
        ({"CLAMD_URL": "http://localhost:3310"}, "serve: CLAMD_URL is no tcp:// URL\n"),
        ({"DATA_DIR": "/dev/null"}, "serve: DATA_DIR /dev/null can't be used: File exists\n"),
    ],
)
def test_what_it_can_not_start_with_is_one_line(settings, line, tmp_path):
    answer = command("serve", **{"DATA_DIR": tmp_path / "data", **settings})
    assert answer.stdout + answer.stderr == line
    assert answer.returncode == 1


@pytest.mark.parametrize(
    ("name", "url"),
    [("DATABASE_URL", "postgres://u:secret@127.0.0.1:{}/x"), ("REDIS_URL", "redis://:secret@127.0.0.1:{}")],
)
def test_a_server_that_does_not_answer_is_one_line_without_its_password(name, url, tmp_path):
    answer = command("serve", **{"DATA_DIR": tmp_path / "data", "PORT": free_port(), name: url.format(free_port())})
    assert re.fullmatch(rf"serve: {name} does not answer: .*refused.*\n", answer.stdout + answer.stderr)
    assert "secret" not in answer.stdout
    assert answer.returncode == 1


def test_an_owner_that_does_not_answer_is_told_from_the_application(tmp_path):
    servers = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    owner = f"postgres://u:secret@127.0.0.1:{free_port()}/x"
    answer = command("migrate", DATA_DIR=tmp_path / "data", MIGRATION_DATABASE_URL=owner, **servers)
    said = answer.stdout + answer.stderr
    assert re.fullmatch(r"manage\.py: MIGRATION_DATABASE_URL does not answer: .*refused.*\n", said)
    assert answer.returncode == 1


def test_a_python_that_is_too_old_is_one_line():
    program = "import sys; sys.version_info = (3, 8, 0); sys.version = '3.8.0'; import manage; manage.main()"
    answer = subprocess.run([sys.executable, "-c", program], cwd=BASE_DIR, capture_output=True, text=True)
    assert (answer.stderr, answer.returncode) == (
        "manage.py: Python 3.11, 3.12 or 3.13 is needed, and this is 3.8.0\n",
        1,
    )

"""The commands for who runs a copy: each says what it does, and what would be deleted before it is."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.utils import timezone

from accounts.models import UserSession
from tests.accounts.clients import Api

pytestmark = pytest.mark.django_db

OURS = ("accounts", "chat_project", "moderation", "messaging")
DELETING = (
    "apply_retention",
    "archive_messages",
    "cleanup_sessions",
    "db_partitions",
    "purge_user",
    "restore_messages",
)


def called(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_each_command_says_what_it_does():
    for name, app in get_commands().items():
        if isinstance(app, str) and app.startswith(OURS):
            assert len(load_command_class(app, name).help) > 20, name


@pytest.mark.parametrize("name", DELETING)
def test_what_deletes_can_be_asked_first(name):
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    assert "--dry-run" in parser.format_help()


def test_ctrl_c_is_one_line_and_exit_code_130(tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "x").touch()
    # Where the tests run in the background, children would inherit that Ctrl-C is ignored.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "from chat_project.management.main import run; run(['manage.py', 'collectstatic'])"
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "STATIC_ROOT": str(tmp_path / "static")}
    environment["DJANGO_SETTINGS_MODULE"] = "chat_project.settings"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, **pipes) as process:
        for line in process.stdout:
            if line.startswith(b"Are you sure"):
                break
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert (process.returncode, said) == (130, b"manage.py: collectstatic was interrupted\n")


def test_cleanup_of_sessions_counts_first(owner):
    Api.of(owner)
    UserSession.objects.update(expires_at=timezone.now() - timedelta(days=400))
    assert called("cleanup_sessions", "--dry-run") == "1 sessions would be deleted\n"
    assert UserSession.objects.count() == 1
    assert called("cleanup_sessions") == "1 sessions deleted\n"
    assert not UserSession.objects.exists()


def test_health_of_the_database_tells_of_tables_indexes_and_connections():
    health = json.loads(called("db_health", "--json"))
    assert health["server"]["bytes"] > 0
    assert health["connections"]["open"] >= 1
    assert {"messages", "users", "audit_logs"} <= {table["table"] for table in health["tables"]}
    assert not [table["table"] for table in health["tables"] if table["table"].startswith("messages_")]
    assert "messages_history_idx" in {index["index"] for index in health["indexes"]}
    assert (health["slow_queries"], health["replicas"]) == (None, [])
    assert "pg_stat_statements" in called("db_health")


def test_partitions_are_all_there_with_their_skew():
    partitions = json.loads(called("db_partitions", "--json"))
    assert sum(partition["table"] == "messages" for partition in partitions) == 16
    assert "message_receipts: 16 partitions" in called("db_partitions")

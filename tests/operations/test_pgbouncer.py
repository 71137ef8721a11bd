"""Behind a pooler that gives each transaction another connection: nothing rests on what a session remembers."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection

from accounts.models import User
from attachments.models import Attachment
from tests.clients import RestClient, opened, signed_in
from tests.operations.cluster import Cluster
from tests.operations.pooler import POOL_SIZE, Pooler, pooled
from tests.server import LiveChat

pytestmark = pytest.mark.xdist_group("pgbouncer")

LEFT_LOCKS = """
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
# What the clock asks for, and what an operator does; told apart by lines, so that a failure names its step.
CHORES = """
import sys
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.utils.module_loading import import_string
from celery import current_app
from attachments.models import Attachment

current_app.loader.import_default_modules()
for entry in settings.CELERY_BEAT_SCHEDULE.values():
    print("task", entry["task"], flush=True)
    current_app.tasks[entry["task"]]()
for key in Attachment.objects.filter(is_processed=False).values_list("conversation_id", "id"):
    print("pipeline", key, flush=True)
    current_app.tasks["attachments.tasks.process_attachment"](*key)
for command in (
    ["db_health"], ["db_partitions"], ["db_validate"], ["cleanup_sessions"], ["apply_retention"], ["verify_audit_log"],
    ["export_user", "olga", "--output", sys.argv[1]],
    ["suspend_user", "otto", "--reason", "a test"],
    ["purge_user", "otto", "--yes"],
):
    print(*command, flush=True)
    call_command(*command)
"""


@pytest.fixture(scope="module")
def pooler(django_db_setup, django_db_blocker) -> Iterator[Pooler]:
    with django_db_blocker.unblock():
        cluster = Cluster()
    with pooled(cluster) as running:
        yield running


@pytest.fixture(scope="module")
def pooled_server(pooler, django_db_blocker) -> Iterator[LiveChat]:
    with django_db_blocker.unblock():
        chat = LiveChat.started(DATABASE_URL=pooler.url, DATABASE_POOL_SIZE="8")
    yield chat
    chat.stop()


@pytest.fixture
def chat(transactional_db, pooled_server) -> LiveChat:
    pooled_server.ensure_running()
    return pooled_server


def shared(pooler: Pooler) -> bool:
    """Tell whether more clients than server connections were served."""
    servers = [each for each in pooler.show("SERVERS") if each["user"] == "chat_app"]
    clients = [each for each in pooler.show("CLIENTS") if each["database"] != "pgbouncer"]
    return 0 < len(servers) <= POOL_SIZE < len(clients)


async def test_calls_and_sockets_work_while_clients_share_connections(chat, pooler, group, owner, member):
    token = (await sync_to_async(signed_in)(owner)).tokens.access
    path = f"conversations/{group.pk}"

    def call(method, place, body=None, expected=200):
        status, answer = RestClient(chat, token).call(method, place, body)
        assert status == expected, (method, place, status, answer)
        return answer

    def calls():
        sent = call("POST", f"{path}/messages", {"content": "a walk @milan"}, 201)
        one = f"{path}/messages/{sent['id']}"
        call("PATCH", one, {"content": "a long walk"})
        call("GET", f"{path}/messages")
        call("GET", f"{path}/media")
        call("GET", f"{path}/members")
        call("GET", "conversations")
        call("POST", f"{path}/read", {"message_id": sent["id"]})
        call("GET", "users/search?q=milan")
        call("DELETE", one, None, 204)

    async with opened(chat, owner) as mine, opened(chat, member) as theirs:
        sends = [mine.connection.send(frame(group.pk, number)) for number in range(20)]
        await asyncio.gather(
            asyncio.gather(*(sync_to_async(calls, thread_sensitive=False)() for _ in range(6))), *sends
        )
        for number in range(20):
            assert (await mine.reply(f"m{number}"))["ok"]
        told = {(await theirs.event("message.created"))["data"]["content"] for _ in range(26)}
        assert {f"walk {number}" for number in range(20)} < told
        assert await sync_to_async(shared)(pooler)
    await sync_to_async(call)("GET", "search/messages?q=walk")
    await sync_to_async(call)("POST", "sync", {"versions": {}})
    assert "Traceback" not in chat.output()


def frame(conversation_id: str, number: int) -> str:
    return (
        f'{{"id": "m{number}", "command": "message.send", '
        f'"data": {{"conversation_id": "{conversation_id}", "content": "walk {number}"}}}}'
    )


def test_tasks_and_commands_work(chat, pooler, group, owner, outsider, tmp_path):
    waiting = Attachment.objects.create(
        conversation=group,
        uploader=owner,
        file_name="a.txt",
        size=5,
        object_key="attachments/nowhere",
        status="UPLOADED",
    )
    done = subprocess.run(
        [sys.executable, "-c", CHORES, str(tmp_path / "olga.zip")],
        cwd=settings.BASE_DIR,
        env={**chat.environment, "DATABASE_POOL_SIZE": "4"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-3000:]
    waiting.refresh_from_db()
    assert waiting.status == "FAILED"
    assert (tmp_path / "olga.zip").stat().st_size > 0
    assert not User.objects.filter(username="otto").exists()
    with connection.cursor() as cursor:
        cursor.execute(LEFT_LOCKS)
        assert cursor.fetchone() == (0,)

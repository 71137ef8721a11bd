"""The whole way of a file: a real server, a real Celery worker, a real clamd, and two people on their sockets."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import urllib3
from asgiref.sync import sync_to_async
from celery import current_app
from django.conf import settings as configured

from chat_project.core.cache import redis_client, redis_key
from chat_project.serving.programs import worker as worker_program
from chat_project.worker import WORKER_KEY
from moderation.models import AuditLog
from tests.attachments.conftest import EICAR, Clamd, clamd_program
from tests.attachments.files import photo
from tests.clients import SocketClient, opened, signed_in
from tests.server import LiveChat

pytestmark = pytest.mark.xdist_group("media-worker")

# A worker starts within seconds; on a machine that does much else, within more of them.
PATIENCE = 90


class Site:
    """A server that has a scanner, with a worker that can be started and killed."""

    def __init__(self, chat: LiveChat, clamd: Clamd) -> None:
        self.chat = chat
        self.clamd = clamd
        self._worker: subprocess.Popen[bytes] | None = None

    def start_worker(self) -> None:
        if self._worker is None:
            self._worker = subprocess.Popen(
                [sys.executable, "-m", *worker_program().arguments],
                env=self.chat.environment,
                cwd=configured.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=self.chat.log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill_worker(self) -> None:
        """kill -9, with what it started; nobody says that a worker lives any more."""
        if self._worker is not None:
            os.killpg(self._worker.pid, signal.SIGKILL)
            self._worker.wait()
            self._worker = None
        redis_client().delete(redis_key(WORKER_KEY))

    def readiness(self) -> dict[str, Any]:
        with urllib3.PoolManager() as pool:
            return dict(pool.request("GET", f"{self.chat.url}/readyz").json())


@pytest.fixture(scope="module")
def _site(_server: LiveChat) -> Iterator[Site]:
    directory = Path(tempfile.mkdtemp(prefix="clamd"))
    clamd = Clamd(clamd_program(), directory)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    environment = {
        **_server.environment,
        "PORT": str(port),
        "SITE_URL": f"http://localhost:{port}",
        "CLAMD_URL": clamd.url,
    }
    with tempfile.TemporaryFile() as log:
        site = Site(LiveChat(listener, log, environment), clamd)
        yield site
        site.kill_worker()
        site.chat.stop()
    clamd.stop()
    shutil.rmtree(directory)


@pytest.fixture
def site(transactional_db: None, _site: Site) -> Site:
    _site.chat.ensure_running()
    _site.clamd.start()
    return _site


class Person:
    """Somebody with a socket, who uploads and sends."""

    def __init__(self, site: Site, group_id: str, access: str, events: SocketClient) -> None:
        self._base = f"{site.chat.url}/api/v1/conversations/{group_id}"
        self._headers = {"Authorization": f"Bearer {access}"}
        self._socket = events

    async def upload(self, data: bytes, name: str = "a.bin") -> dict[str, Any]:
        fields = {"file": (name, data, "application/octet-stream")}
        return await self._call("POST", "attachments", 201, fields=fields)

    async def send(self, file: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps({"attachment_ids": [file["id"]]})
        headers = {**self._headers, "Content-Type": "application/json"}
        return await self._call("POST", "messages", 201, body=body, headers=headers)

    async def get(self, rest: str, status: int = 200) -> Any:
        return await self._call("GET", rest, status)

    async def heard(self, name: str, file: dict[str, Any]) -> dict[str, Any]:
        """Return the data of the next event of a file, by its own or its message's name."""
        async with asyncio.timeout(PATIENCE):
            while True:
                while self._socket.events:
                    event = self._socket.events.popleft()
                    files = event["data"].get("attachments") or [event["data"]]
                    if event["event"] == name and files[0].get("id") == file["id"]:
                        return dict(event["data"])
                await self._socket.take()

    async def _call(self, method: str, rest: str, status: int, **options: Any) -> Any:
        options.setdefault("headers", self._headers)
        address = f"{self._base}/{rest}"
        with urllib3.PoolManager() as pool:
            answer = await asyncio.to_thread(pool.request, method, address, retries=False, **options)
        assert answer.status == status, answer.data
        return answer.json() if "json" in answer.headers["Content-Type"] else answer.data


async def eventually(condition: Any) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.1)


async def connected(stack, site, group, user):
    access = (await sync_to_async(signed_in)(user)).tokens.access
    events = await stack.enter_async_context(opened(site.chat, user, access=access))
    return Person(site, group.pk, access, events)


async def test_a_file_goes_from_upload_to_ready_and_both_hear_of_it(site, group, owner, member):
    site.start_worker()
    async with AsyncExitStack() as stack:
        olga, milan = [await connected(stack, site, group, user) for user in (owner, member)]
        file = await olga.upload(photo(), "photo.jpg")
        assert file["status"] == "UPLOADED"
        message = await olga.send(file)
        for person in (olga, milan):
            ready = await person.heard("message.updated", file)
            assert ready["attachments"][0]["status"] == "READY"
            assert ready["version"] > message["version"]
        assert (await milan.get(f"attachments/{file['id']}"))["width"] == 300
        assert (await milan.get(f"attachments/{file['id']}/thumbnail"))[8:12] == b"WEBP"


async def test_without_a_worker_a_file_waits_and_one_that_comes_finishes_it(site, group, owner, member):
    site.kill_worker()
    async with AsyncExitStack() as stack:
        olga, milan = [await connected(stack, site, group, user) for user in (owner, member)]
        file = await olga.upload(b"words")
        await olga.send(file)
        await milan.get(f"attachments/{file['id']}/content", 409)
        state = await asyncio.to_thread(site.readiness)
        assert (state["status"], state["parts"]["worker"]["status"]) == ("degraded", "down")
        site.start_worker()
        for person in (olga, milan):
            assert (await person.heard("attachment.updated", file))["status"] == "READY"
        assert await milan.get(f"attachments/{file['id']}/content") == b"words"
        await eventually(lambda: site.readiness()["status"] == "ok")


async def test_while_clamd_is_down_files_wait_and_it_is_said_and_they_go_on_by_themselves(site, group, owner):
    site.start_worker()
    site.clamd.stop()
    async with AsyncExitStack() as stack:
        olga = await connected(stack, site, group, owner)
        file = await olga.upload(b"words")
        state = await asyncio.to_thread(site.readiness)
        assert (state["status"], state["parts"]["scanner"]["status"]) == ("degraded", "down")
        # It is said when the retries are over; from then on the clock's sweep brings the file again.
        await eventually(lambda: "ScannerUnavailableError" in site.chat.output())
        await olga.get(f"attachments/{file['id']}/content", 409)
        site.clamd.start()
        await asyncio.to_thread(current_app.send_task, "attachments.tasks.sweep_uploads")
        assert (await olga.heard("attachment.updated", file))["status"] == "READY"
        assert (await asyncio.to_thread(site.readiness))["parts"]["scanner"]["status"] == "ok"


async def test_who_uploads_something_harmful_is_told_at_once(site, group, owner):
    site.start_worker()
    async with AsyncExitStack() as stack:
        olga = await connected(stack, site, group, owner)
        file = await olga.upload(EICAR, "invoice.exe")
        assert (await olga.heard("attachment.updated", file))["status"] == "INFECTED"
        refused = await olga.get(f"attachments/{file['id']}/content", 403)
        assert refused["code"] == "attachment_infected"
    assert await AuditLog.objects.filter(action="attachment.infected").aexists()

"""compose.yaml's proxy for real, before a real server: TLS, sockets, files that it sends itself, limits."""

import json
import os
import re
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from websockets.asyncio.client import connect

from attachments.models import Attachment
from chat_project.embedded.processes import wait_until
from tests.clients import SocketClient, signed_in
from tests.server import LiveChat
from tests.serving.copies import free_port

pytestmark = pytest.mark.xdist_group("nginx")

START_SECONDS = 30


@dataclass(frozen=True)
class Proxy:
    """A running nginx, its ports, and who its certificate makes believe it."""

    plain: int
    secure: int
    web: LiveChat
    trust: ssl.SSLContext

    def call(self, method: str, path: str, **options: object) -> urllib3.BaseHTTPResponse:
        with urllib3.PoolManager(ssl_context=self.trust, retries=False) as pool:
            return pool.request(method, f"https://localhost:{self.secure}{path}", redirect=False, **options)


def configured(directory: Path, *, plain: int, secure: int, web: int) -> str:
    """Return deploy/nginx.conf with the places of this machine instead of those of the containers."""
    text = (settings.BASE_DIR / "deploy/nginx.conf").read_text()
    places = {
        "listen 8080": f"listen 127.0.0.1:{plain}",
        "listen 8443": f"listen 127.0.0.1:{secure}",
        "http://web:8000": f"http://127.0.0.1:{web}",
        "http://storage:8333": "http://127.0.0.1:9",
        "/etc/nginx/tls": str(directory),
        "alias /data/media/": f"alias {settings.MEDIA_ROOT}/",
        "/tmp/nginx": f"{directory}/nginx",
        "resolver 127.0.0.11 valid=5s;": "",
    }
    for theirs, ours in places.items():
        assert theirs in text, theirs
        text = text.replace(theirs, ours)
    # A plain user in its container; here root may run it, and the files are root's.
    return f"user root;\n{text}" if os.geteuid() == 0 else text


@pytest.fixture(scope="module")
def proxy(django_db_setup, django_db_blocker) -> Iterator[Proxy]:
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        say = pytest.fail if os.environ.get("REQUIRE_ALL") == "1" else pytest.skip
        say("nginx is not there: apt-get install nginx-light")
    plain, secure = free_port(), free_port()
    directory = Path(tempfile.mkdtemp(prefix="chat-test-"))
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "1"]
    files = ["-keyout", str(directory / "privkey.pem"), "-out", str(directory / "fullchain.pem")]
    subprocess.run([*request, *names, *files], check=True, capture_output=True)
    with django_db_blocker.unblock():
        web = LiveChat.started(
            X_ACCEL_LOCATION="/_media/", SITE_URL=f"https://localhost:{secure}", TRUSTED_PROXIES="127.0.0.1"
        )
    (directory / "nginx.conf").write_text(configured(directory, plain=plain, secure=secure, web=web.port))
    command = [program, "-p", str(directory), "-c", str(directory / "nginx.conf")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr
    trust = ssl.create_default_context(cafile=str(directory / "fullchain.pem"))
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen([*command, "-g", "daemon off;"], stdout=log, stderr=log)
    running = Proxy(plain, secure, web, trust)
    try:
        assert wait_until(lambda: answers(running), START_SECONDS), (directory / "log").read_text()
        yield running
    finally:
        process.terminate()
        process.wait(START_SECONDS)
        web.stop()
        shutil.rmtree(directory)


def answers(proxy: Proxy) -> bool:
    try:
        return proxy.call("GET", "/healthz").status == 200
    except (urllib3.exceptions.HTTPError, OSError):
        return False


@pytest.fixture
def site(transactional_db, proxy) -> Proxy:
    return proxy


def test_plain_http_is_led_to_tls_and_the_answer_says_to_stay_there(site):
    with urllib3.PoolManager() as pool:
        led = pool.request("GET", f"http://localhost:{site.plain}/login/?next=/", redirect=False)
    assert (led.status, led.headers["Location"]) == (308, "https://localhost/login/?next=/")
    assert site.call("GET", "/login/").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_what_is_for_operators_is_not_seen_from_outside(site):
    assert site.call("GET", "/metrics").status == 404
    assert site.call("GET", "/readyz").json().keys() == {"status"}


async def test_sockets_pass_and_messages_come_back_at_once(site, group, owner, member):
    tokens = [(await sync_to_async(signed_in)(user)).tokens.access for user in (owner, member)]
    address = f"wss://localhost:{site.secure}/ws/v1/"
    options = {"ssl": site.trust, "proxy": None}
    async with (
        connect(address, subprotocols=["bearer", tokens[0]], **options) as mine,
        connect(address, subprotocols=["bearer", tokens[1]], **options) as theirs,
    ):
        first, second = [SocketClient(each, json.loads(await each.recv())) for each in (mine, theirs)]
        assert (await first.command("message.send", conversation_id=group.pk, content="through"))["ok"]
        assert (await second.event("message.created"))["data"]["content"] == "through"


def test_files_are_sent_by_the_proxy_and_only_as_the_web_says(site, group, owner, outsider):
    text = b"what is in the file"
    key = default_storage.save("attachments/of-this-test", ContentFile(text))
    place = {"conversation": group, "uploader": owner, "file_name": "a.txt", "mime_type": "text/plain"}
    file = Attachment.objects.create(
        **place, size=len(text), object_key=key, status="READY", is_processed=True, is_scanned=True
    )
    path = f"/api/v1/conversations/{group.pk}/attachments/{file.id}/content"
    headers = {"Authorization": f"Bearer {signed_in(owner).tokens.access}"}
    with urllib3.PoolManager() as pool:
        bare = pool.request("GET", f"{site.web.url}{path}", headers=headers)
    assert (bare.headers["X-Accel-Redirect"], bare.data) == (f"/_media/{key}", b"")
    sent = site.call("GET", path, headers=headers)
    assert (sent.status, sent.data) == (200, text)
    assert "X-Accel-Redirect" not in sent.headers
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert sent.headers["Cache-Control"] == "private, no-cache"
    part = site.call("GET", path, headers={**headers, "Range": "bytes=0-3"})
    assert (part.status, part.data) == (206, b"what")
    assert site.call("GET", f"/_media/{key}", headers=headers).status == 404
    strange = {"Authorization": f"Bearer {signed_in(outsider).tokens.access}"}
    assert site.call("GET", path, headers=strange).status == 404


def test_what_is_too_large_is_refused_before_it_is_sent(site, owner, group):
    headers = {"Authorization": f"Bearer {signed_in(owner).tokens.access}", "Content-Type": "application/json"}
    path = f"/api/v1/conversations/{group.pk}/messages"
    assert site.call("POST", path, headers=headers, body=b"x" * (2 << 20)).status == 413
    declared = {**headers, "Content-Length": str(200 << 20)}
    assert site.call("POST", path, headers=declared, body=b"").status == 413


def test_the_limit_of_uploads_is_that_of_the_settings():
    text = (settings.BASE_DIR / "deploy/nginx.conf").read_text()
    mebibytes = int(re.search(r"client_max_body_size (\d+)m", text)[1])
    assert mebibytes << 20 == settings.ATTACHMENT_MAX_BYTES + (1 << 20)

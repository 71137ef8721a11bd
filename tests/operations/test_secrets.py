"""Headers, the deployment check, and a run with marked secrets, of which nothing may stand in the log."""

import logging
import os
import subprocess
import sys

import pytest
import urllib3
from asgiref.sync import sync_to_async
from django.conf import settings as configured
from django.db import IntegrityError, connection

from accounts.models import User
from chat_project.core.error_reports import discreet
from chat_project.core.logs import JsonFormatter
from tests.clients import RestClient, opened, signed_in

MARK = "MARKED-b81f"


def checked(tmp_path, **environment):
    inherited = {key: value for key, value in os.environ.items() if not key.endswith(("DATABASE_URL", "REDIS_URL"))}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={**inherited, "DJANGO_SETTINGS_MODULE": "chat_project.settings", "DATA_DIR": str(tmp_path), **environment},
        cwd=configured.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_copy_behind_tls_passes_the_deployment_check(tmp_path):
    answer = checked(tmp_path, SITE_URL="https://chat.example.org")
    assert answer.returncode == 0, answer.stderr


def test_one_role_for_all_and_an_open_address_without_tls_are_said(tmp_path):
    answer = checked(tmp_path, DATABASE_URL="postgres://chat@localhost/chat", HOST="0.0.0.0")
    assert answer.returncode == 1
    assert "chat.W001" in answer.stderr
    assert "chat.W002" in answer.stderr


@pytest.mark.django_db
def test_each_answer_has_its_headers(client):
    headers = client.get("/login/").headers
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in headers


@pytest.mark.django_db
def test_a_site_with_tls_says_to_stay_there_though_a_proxy_ends_it(client, settings):
    settings.HTTPS = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert client.get("/login/").headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_a_run_with_marked_secrets_logs_none_of_them(live_chat, group, owner):
    tokens = (await sync_to_async(signed_in)(owner)).tokens

    def call():
        api = RestClient(live_chat, tokens.access)
        anonymous = RestClient(live_chat, None)
        assert api.call("POST", f"conversations/{group.pk}/messages", {"content": MARK})[0] == 201
        assert anonymous.call("POST", "auth/login", {"login": MARK, "password": MARK})[0] == 401
        assert anonymous.call("POST", "auth/refresh", {"refresh": MARK})[0] == 401
        assert anonymous.call("POST", "auth/password/reset", {"token": MARK, "password": MARK})[0] == 400
        assert api.call("POST", f"invites/{MARK}/join")[0] == 404
        assert api.call("POST", "users/me", {MARK: MARK})[0] == 405
        assert api.call("PATCH", "users/me", {MARK: MARK})[0] == 400
        for path in (f"/verify/{MARK}/", f"/reset/{MARK}/", f"/join/{MARK}"):
            urllib3.request("GET", f"{live_chat.url}{path}", retries=False)

    await sync_to_async(call)()
    async with opened(live_chat, owner) as socket:
        assert (await socket.command("message.send", conversation_id=group.pk, content=MARK))["ok"]
        assert not (await socket.command("message.send", conversation_id=MARK, content=MARK))["ok"]
        await socket.connection.send(f'{{"{MARK}": ')
        await socket.reply(None)
    said = live_chat.output()
    assert "/invites/…/join" in said
    assert MARK not in said
    assert tokens.access not in said
    assert tokens.refresh not in said


@pytest.mark.django_db(transaction=True)
def test_what_the_database_quotes_of_a_row_is_in_no_line(owner):
    try:
        User.objects.create(username=owner.username, email="marked@example.org", display_name=MARK)
    except IntegrityError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "it failed", (), sys.exc_info())
    line = JsonFormatter().format(record)
    assert "users_username" in line
    assert f"({owner.username})" not in line
    assert connection.is_usable()


def test_reports_of_errors_hold_no_values():
    event = {
        "request": {"method": "POST", "url": f"https://x/{MARK}", "data": MARK, "headers": {"Authorization": MARK}},
        "exception": {"values": [{"type": "ValueError", "value": MARK, "stacktrace": {"frames": []}}]},
        "logentry": {"message": "a query took %s", "params": [MARK]},
        "user": {"ip_address": MARK},
        "extra": {"body": MARK},
        "breadcrumbs": {"values": [MARK]},
    }
    assert MARK not in str(discreet(event, None))

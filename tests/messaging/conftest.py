"""A real server whose every statement is seen."""

import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection

from tests.messaging.postgres_proxy import PostgresProxy
from tests.server import LiveChat


@dataclass(frozen=True)
class WatchedChat:
    """A server, and the proxy between it and its database."""

    chat: LiveChat
    database: PostgresProxy


@pytest.fixture(scope="session")
def _watched_server(_server: LiveChat) -> Iterator[WatchedChat]:
    host = connection.settings_dict["HOST"]
    proxy = PostgresProxy(host)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    environment = {
        **_server.environment,
        "DATABASE_URL": _server.environment["DATABASE_URL"].replace(_quoted(host), _quoted(proxy.directory)),
        "PORT": str(port),
        "SITE_URL": f"http://localhost:{port}",
    }
    with tempfile.TemporaryFile() as log:
        chat = LiveChat(listener, log, environment)
        chat.ensure_running()
        yield WatchedChat(chat, proxy)
        chat.stop()
    proxy.close()


@pytest.fixture
def watched_chat(transactional_db: None, _watched_server: WatchedChat) -> WatchedChat:
    """A real server that reaches its database through a proxy."""
    _watched_server.chat.ensure_running()
    return _watched_server


def _quoted(directory: str) -> str:
    return directory.replace("/", "%2F")

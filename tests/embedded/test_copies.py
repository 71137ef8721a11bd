"""Who starts and stops a copy's servers when commands and `serve` come and go."""

import subprocess
import threading

import pytest

from chat_project.embedded import Layout, ServerError, Valkey
from chat_project.embedded.copies import borrowed, served, taking_over


@pytest.fixture
def valkey(layout: Layout) -> Valkey:
    return Valkey(layout, for_tests=True)


def test_the_last_command_to_leave_stops_what_the_first_one_started(layout, valkey):
    first, second = borrowed(layout, [valkey]), borrowed(layout, [valkey])
    first.__enter__()
    started = valkey.pid()
    second.__enter__()
    assert valkey.pid() == started
    first.__exit__(None, None, None)
    assert valkey.answers()
    second.__exit__(None, None, None)
    assert not valkey.answers()


def test_a_command_leaves_the_servers_of_serve_alone(layout, valkey):
    with served(layout):
        with taking_over(layout, [valkey]):
            process = valkey.spawn(subprocess.DEVNULL, ending_with_us=True)
            valkey.wait_until_ready(process)
        with borrowed(layout, [valkey]):
            assert valkey.pid() == process.pid
        assert valkey.answers()
    valkey.stop()
    process.wait()


def test_serve_ends_what_a_killed_predecessor_left(layout, valkey):
    orphan = valkey.spawn(subprocess.DEVNULL, ending_with_us=True)
    valkey.wait_until_ready(orphan)
    with served(layout), taking_over(layout, [valkey]):
        assert orphan.wait(5) == 0


def test_a_copy_is_served_once(layout):
    with served(layout), pytest.raises(ServerError, match="is being served already"), served(layout):
        pass


def test_serve_does_not_take_the_database_from_a_command(layout, valkey, monkeypatch):
    monkeypatch.setattr("chat_project.embedded.copies._PATIENCE_SECONDS", 0.1)
    with (
        borrowed(layout, [valkey]),
        served(layout),
        pytest.raises(ServerError, match="a command is using the database"),
        taking_over(layout, [valkey]),
    ):
        pass


def test_serve_waits_for_a_command_that_is_about_to_end(layout, valkey):
    command = borrowed(layout, [valkey])
    command.__enter__()
    leaving = threading.Timer(0.2, command.__exit__, (None, None, None))
    leaving.start()
    with served(layout), taking_over(layout, [valkey]):
        assert not valkey.answers()
    leaving.join()


def test_a_server_that_does_not_start_is_said_with_its_log(layout, valkey):
    valkey.prepare()
    valkey.layout.valkey_socket.mkdir()
    with (
        pytest.raises(ServerError, match=r"the embedded valkey ended with code 1 .*valkey\.log may say why"),
        borrowed(layout, [valkey]),
    ):
        pass

"""Bodies that are too large, at the door of a real server: they are cut off before anybody keeps them."""

import http.client
import json
import socket

import pytest
from django.conf import settings

from tests.clients import signed_in

PATH = "/api/v1/sync"
LIMIT = settings.REQUEST_MAX_BYTES


@pytest.fixture
def caller(live_chat, member):
    """A connection to the server, and the headers of somebody signed in."""
    connection = http.client.HTTPConnection("localhost", live_chat.port, timeout=10)
    headers = {"Authorization": f"Bearer {signed_in(member).tokens.access}", "Content-Type": "application/json"}
    yield connection, headers
    connection.close()


def padded(size):
    """Return a good body of so many bytes."""
    body = b'{"versions": {}}'
    return body + b" " * (size - len(body))


def assert_problem(answer, status):
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.read())["status"] == status


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("size", "status"), [(LIMIT, 200), (LIMIT + 1, 413), (3 * LIMIT, 413)])
def test_a_body_over_the_limit_is_413_however_it_is_sent(caller, chunked, size, status):
    connection, headers = caller
    body = padded(size)
    if chunked:
        body = iter([body[start : start + 60_000] for start in range(0, size, 60_000)])
    try:
        connection.request("POST", PATH, body=body, headers=headers, encode_chunked=chunked)
    except (BrokenPipeError, ConnectionResetError):
        assert status == 413
    answer = connection.getresponse()
    if status == 200:
        assert answer.status == 200
        assert "epoch" in json.loads(answer.read())
    else:
        assert_problem(answer, 413)


def test_a_length_over_the_limit_is_refused_before_a_byte_of_it_comes(live_chat):
    with socket.create_connection(("localhost", live_chat.port), timeout=10) as connection:
        connection.sendall(
            b"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 99999999999\r\n\r\n"
        )
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert_problem(answer, 413)


def test_who_hangs_up_in_the_middle_leaves_the_server_well(live_chat, caller):
    said = len(live_chat.output())
    for head in (b"Content-Length: 1000\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n5\r\n{\r\n"):
        with socket.create_connection(("localhost", live_chat.port), timeout=10) as connection:
            connection.sendall(b"POST /api/v1/sync HTTP/1.1\r\nHost: localhost\r\n" + head)
    connection, headers = caller
    connection.request("POST", PATH, body=padded(100), headers=headers)
    assert connection.getresponse().status == 200
    assert "Traceback" not in live_chat.output()[said:]


@pytest.mark.parametrize("target", ["/api/v1/%zz", "/api/v1/" + "x" * 8000, "/api/v1/conversations?q=" + "%00" * 100])
def test_an_odd_address_is_a_problem(live_chat, caller, target):
    connection, headers = caller
    connection.putrequest("GET", target, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert_problem(answer, answer.status)
    assert 400 <= answer.status < 500


def test_a_head_has_the_headers_of_a_get_and_no_body(caller):
    connection, headers = caller
    connection.request("HEAD", "/api/v1/conversations", headers=headers)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Type"], answer.read()) == (200, "application/json", b"")

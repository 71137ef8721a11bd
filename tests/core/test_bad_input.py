"""Whatever comes in, the answer under /api/ is a problem of the contract: never a 500, never HTML."""

import pytest
from django.test import Client

from conversations.services import create_invite
from tests.accounts.clients import Api, signed_in
from tests.core.routes import NOTHING, api_routes

WITH_BODY = ("POST", "PUT", "PATCH")

BODIES = {
    "half an object": b'{"content": "hi"',
    "a list": b"[]",
    "a text": b'"hi"',
    "a number": b"5",
    "null": b"null",
    "a key twice": b'{"content": "a", "content": "b"}',
    "no UTF-8": b'{"content": "\xff"}',
    "NaN": b'{"content": NaN}',
    "an endless number": b'{"content": 1e999}',
    "an integer beyond 64 bits": b'{"content": 18446744073709551616}',
    "a very long integer": b'{"content": ' + b"9" * 10_000 + b"}",
    "U+0000": b'{"content": "a\\u0000b"}',
    "U+0000 as a key": b'{"\\u0000": 1}',
    "a lone surrogate": b'{"content": "\\ud800"}',
    "too deep": b'{"content": ' + b"[" * 40 + b"]" * 40 + b"}",
    "very deep": b"[" * 100_000,
    "an unknown field": b'{"no_such_field": 1}',
}
CONTENT_TYPES = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/html")
UNKNOWN = (
    "",
    "v1",
    "v1/",
    "v1/nothing",
    "v1/conversations/x",
    "v1/conversations/" + "c" * 26,
    "v1/conversations/%00",
    "v1/conversations/%FF%FE",
    "v1/conversations/..%2Fusers",
    "v1/sync/",
    "v2/conversations",
)


def assert_problem(answer, *statuses):
    assert answer.status_code in statuses
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem.keys() >= {"type", "title", "code", "detail"}
    assert answer["Cache-Control"] == "no-store"


@pytest.fixture
def calls(group, owner, member):
    """Every call of the API, in a group's and a person's name."""
    values = {
        "conversation_id": group.pk,
        "user_id": member.pk,
        "message_id": group.last_message_id,
        "code": create_invite(actor=owner, conversation_id=group.pk).code,
    }
    return [(method, route.filled(**values), route) for route in api_routes() for method in route.methods]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_bad_body_is_400(calls, member, body):
    for method, path, route in calls:
        if method in WITH_BODY:
            assert_problem(Api.of(member).call(method, path, body), 400 if route.takes_json else 415)


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_a_body_of_another_media_type_is_415(calls, member, content_type):
    headers = {"Authorization": f"Bearer {signed_in(member).tokens.access}"}
    for method, path, route in calls:
        if method in WITH_BODY:
            answer = Client().generic(
                method, f"/api/v1/{path}", b"content=hi", content_type=content_type, headers=headers
            )
            assert_problem(answer, 400 if route.takes_files and content_type.startswith("multipart/") else 415)


@pytest.mark.parametrize("access", [None, "", "x", "a.b.c", "é", "Bearer"])
def test_without_a_good_token_a_call_is_401(calls, access):
    for method, path, route in calls:
        if not route.is_open:
            answer = Api(access).call(method, path, "{" if method in WITH_BODY else None)
            assert_problem(answer, 401)
            assert answer["WWW-Authenticate"] == "Bearer"


def test_another_method_is_405_and_says_which_there_are(member):
    for route in api_routes():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - set(route.methods):
            answer = Api.of(member).call(method, route.filled())
            assert_problem(answer, 405)
            assert set(route.methods) <= set(answer["Allow"].split(", "))


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/png;q=0.5"])
def test_what_is_not_acceptable_is_406(member, accept):
    assert_problem(Api.of(member).get("conversations", Accept=accept), 406)


@pytest.mark.parametrize("accept", ["*/*", "application/*", "text/html, application/json;q=0.1", "nonsense, */*"])
def test_who_takes_json_gets_json(member, accept):
    answer = Api.of(member).get("conversations", Accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("query", ["format=xml", "format=html", "no_such=1", "limit=1&no_such=%00", "%00=%00", "&&=&"])
def test_unknown_query_parameters_are_ignored(member, query):
    assert Api.of(member).get(f"conversations?{query}").status_code == 200


@pytest.mark.parametrize("value", ["%00", "a%00b", "%FF", "%ED%A0%80", "x" * 3000])
def test_a_bad_query_is_an_answer(group, owner, value):
    api = Api.of(owner)
    lists = {
        "conversations": ("limit", "cursor", "type", "q", "archived"),
        f"conversations/{group.pk}/messages": ("limit", "cursor", "before", "after", "around", "type", "pinned"),
        f"conversations/{group.pk}/members": ("limit", "cursor", "banned"),
        f"conversations/{group.pk}/invites": ("limit", "cursor"),
        f"conversations/{group.pk}/join-requests": ("limit", "cursor"),
        "conversations/public": ("limit", "cursor", "q"),
        "users/search": ("limit", "cursor", "q"),
    }
    for path, names in lists.items():
        for name in names:
            answer = api.get(f"{path}?{name}={value}")
            if answer.status_code != 200:
                assert_problem(answer, 400)


@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_address_is_404(member, settings, path, method):
    headers = {"Authorization": f"Bearer {signed_in(member).tokens.access}"}
    for settings.DEBUG in (False, True):
        answer = Client().generic(method, f"/api/{path}", b"{", content_type="application/json", headers=headers)
        assert_problem(answer, 404)


@pytest.mark.parametrize("host", ["elsewhere.example", "local host", "a" * 300, "testserver:x"])
def test_an_unknown_host_is_400(settings, member, host):
    settings.ALLOWED_HOSTS = ["testserver"]
    headers = {"Host": host, "Authorization": f"Bearer {signed_in(member).tokens.access}"}
    for settings.DEBUG in (False, True):
        assert_problem(Client().get("/api/v1/conversations", headers=headers), 400)


def test_a_crash_is_a_bare_500(member, monkeypatch, caplog):
    def crash(*args, **kwargs):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("messaging.api.dialogs.list_dialogs", crash)
    answer = Api(signed_in(member).tokens.access, raise_request_exception=False).get("conversations")
    assert_problem(answer, 500)
    assert answer.json()["code"] == "internal_error"
    assert b"secret" not in answer.content
    assert "ZeroDivisionError" in caplog.text


def test_whatever_lies_in_a_conversation_is_404_to_others_before_a_body_is_looked_at(group, owner, member, outsider):
    values = {"conversation_id": group.pk, "user_id": member.pk, "message_id": group.last_message_id}
    # What is open to all is no one's by its address: an upload that is signed.
    within = [route for route in api_routes() if "{conversation_id}" in route.path and not route.is_open]
    assert within
    for route in within:
        for method in route.methods:
            there, nowhere = (
                Api.of(outsider).call(method, route.filled(**{**values, "conversation_id": conversation_id}), b"{")
                for conversation_id in (group.pk, NOTHING)
            )
            assert_problem(there, 404)
            assert there.content == nowhere.content


@pytest.mark.parametrize("path", ["/nothing", "/api", "/apis/"])
def test_outside_of_the_api_errors_are_pages(db, path):
    answer = Client().get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")

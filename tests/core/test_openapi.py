"""The OpenAPI schema: valid, whole, and shown on a page that needs no inline script."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from tests.accounts.clients import Api
from tests.core.routes import PREFIX, api_routes


@pytest.fixture(scope="module")
def schema():
    """The schema as it is served."""
    answer = Client().get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    return answer.json()


def test_the_schema_is_valid_and_says_all_without_a_warning():
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_every_call_is_described_and_no_other(schema):
    described = {
        (method.upper(), path)
        for path, calls in schema["paths"].items()
        for method in calls
        if method in ("get", "post", "put", "patch", "delete")
    }
    assert described == {(method, f"/{PREFIX}{route.path}") for route in api_routes() for method in route.methods}


def calls_of(schema):
    return [
        (f"{method} {path}", call)
        for path, calls in schema["paths"].items()
        for method, call in calls.items()
        if method != "parameters"
    ]


def test_every_call_has_a_name_of_its_own_words_and_its_problems(schema):
    calls = calls_of(schema)
    names = [call["operationId"] for _, call in calls]
    assert len(names) == len(set(names))
    for name, call in calls:
        assert call.get("summary") or call.get("description"), name
        statuses = call["responses"].keys()
        assert any(status < "300" for status in statuses), name
        for status, response in call["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], (name, status)
        assert {"429", "503"} <= statuses, name
        if "{" in name:
            assert "404" in statuses, name


def test_a_deletion_that_asks_for_the_password_describes_its_body(schema):
    calls = schema["paths"]["/api/v1/auth/second-factor/app"]
    assert calls["delete"]["requestBody"] == calls["post"]["requestBody"]
    assert {"400", "413", "415"} <= calls["delete"]["responses"].keys()
    assert "requestBody" not in schema["paths"]["/api/v1/auth/sessions"]["delete"]


def test_what_is_answered_is_what_is_described(schema, group, member):
    """Every field of a Conversation and of a Message stands in the schema, and no other."""
    api = Api.of(member)
    sent = api.post(f"conversations/{group.pk}/messages", {"content": "hi"}).json()
    answers = {
        "Message": sent,
        "Conversation": api.get(f"conversations/{group.pk}").json(),
        "Member": api.get(f"conversations/{group.pk}/members").json()["results"][0],
        "User": api.get(f"conversations/{group.pk}/members").json()["results"][0]["user"],
        "Reading": api.post(f"conversations/{group.pk}/read", {"message_id": sent["id"]}).json(),
        "Sync": api.post("sync", {"versions": {}, "states": True}).json(),
        "Synced": api.post("sync", {"versions": {}}).json()["conversations"][0],
        "State": api.post("sync", {"versions": {}, "states": True}).json()["states"][group.pk],
        "SecondFactors": api.get("auth/second-factor/status").json(),
        "Question": api.post("auth/passkey/begin").json(),
        "Problem": api.get("conversations?limit=0").json() | {"retry_after": 1},
    }
    components = schema["components"]["schemas"]
    for name, answer in answers.items():
        assert answer.keys() == components[name]["properties"].keys(), name


def test_the_page_about_the_api_runs_under_the_strict_policy():
    answer = Client().get("/api/docs/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", page)
    assert not re.search(r"\son\w+=|javascript:", page)
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    for address in re.findall(r'<(?:script|link)[^>]*?(?:src|href)="([^"]+)"', page):
        assert address.startswith("/"), address

import logging

import pytest

from chat_project.core.logs import AddressSecretsHidden, OriginNoted


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/reset/f1.abcdef.cmws.1795.MaJV-_/", "/reset/…/"),
        ("/verify/e1.abcdef.cmws.1795.MaJV-_/", "/verify/…/"),
        ("/api/v1/invites/s3cret/join?x=1", "/api/v1/invites/…/join?x=1"),
        ("/join/s3cret", "/join/…"),
        ("/api/v1/auth/password/reset", "/api/v1/auth/password/reset"),
        ("/verify/", "/verify/"),
        ("/reset?x=1", "/reset?x=1"),
    ],
)
def test_secrets_in_addresses_do_not_stand_in_the_log(path, logged):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Bad Request", path), None)
    assert AddressSecretsHidden().filter(record)
    assert record.getMessage() == f"Bad Request: {logged}"


def test_what_is_no_text_stays_as_it_is():
    record = logging.LogRecord("x", logging.INFO, "", 0, "%d of %s", (5, None), None)
    AddressSecretsHidden().filter(record)
    assert record.getMessage() == "5 of None"


def test_the_line_of_a_refused_request_bears_its_id(client, caplog):
    caplog.handler.addFilter(OriginNoted())
    answer = client.get("/api/v1/nowhere")
    assert answer.status_code == 404
    [record] = [record for record in caplog.records if record.name == "django.request"]
    assert record.request_id == answer["X-Request-Id"] != ""

"""What `serve` does to a database before the web comes."""

import pytest

from accounts.models import User
from chat_project.embedded import ServerError
from chat_project.serving.preparation import ensure_administrator, may_seed


@pytest.mark.parametrize(
    ("host", "choice", "embedded", "allowed"),
    [
        ("127.0.0.1", "", True, True),
        ("localhost", "", True, True),
        ("::1", "", True, True),
        ("0.0.0.0", "", True, False),
        ("chat.example", "", True, False),
        ("127.0.0.1", "", False, False),
        ("0.0.0.0", "on", False, True),
        ("127.0.0.1", "off", True, False),
    ],
)
def test_the_demo_comes_only_where_nobody_else_gets_in_or_on_request(settings, host, choice, embedded, allowed):
    settings.EMBEDDED_DATABASE = embedded
    assert may_seed(host, choice) is allowed


def test_the_demo_does_not_come_where_a_proxy_lets_everybody_in(settings):
    settings.EMBEDDED_DATABASE = True
    settings.SITE_URL = "https://chat.example"
    assert not may_seed("127.0.0.1", "")
    assert may_seed("127.0.0.1", "on")


def test_a_choice_that_is_neither_on_nor_off_is_refused():
    with pytest.raises(ServerError, match="SEED_DEMO yes is neither on nor off"):
        may_seed("127.0.0.1", "yes")


def test_the_administrator_is_made_once_with_a_password_that_nobody_else_knows(db):
    password = ensure_administrator("")
    assert User.objects.get(username="admin").check_password(password)
    assert ensure_administrator("") is None


def test_a_given_password_is_not_shown_again(db):
    assert ensure_administrator("chosen by the owner") is None
    admin = User.objects.get(username="admin")
    assert admin.is_superuser
    assert admin.check_password("chosen by the owner")

from io import StringIO

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command

from accounts.management.commands import changepassword
from accounts.models import User
from moderation.models import AuditLog
from tests.accounts.clients import Api
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEW = "a long walk home"


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def typed(monkeypatch):
    """What the operator types, prompt by prompt."""
    texts = [NEW, NEW]
    monkeypatch.setattr(changepassword, "getpass", lambda _prompt: texts.pop(0))
    return texts


def change(username="anna"):
    call_command("changepassword", username, stdout=StringIO())


def test_an_operator_replaces_a_password_and_ends_the_sessions(anna, typed):
    api = Api.of(anna)
    change("Anna")
    anna.refresh_from_db()
    assert check_password(NEW, anna.password)
    assert anna.auth_version == 2
    assert api.get("users/me").status_code == 401
    row = AuditLog.objects.get(action="password.replaced")
    assert (row.actor_id, row.resource_id) == (None, anna.pk)


def test_a_slip_or_a_bad_password_changes_nothing(anna, typed):
    for texts, said in (([NEW, "another"], "two passwords"), (["short", "short"], "too short")):
        typed[:] = texts
        with pytest.raises(CommandError, match=said):
            change()
    assert check_password(PASSWORD, User.objects.get().password)


def test_nobody_of_that_name_is_told(typed):
    with pytest.raises(CommandError, match="no such person"):
        change("nobody")

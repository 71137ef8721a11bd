import pytest

from accounts.models import User
from accounts.services.credentials import confirm_password
from chat_project.core import audit
from chat_project.core.errors import InvalidError, TooManyRequestsError
from moderation.models import AuditLog
from tests.accounts.clients import Api
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna")


def confirm(user, password="wrong", address="127.0.0.1"):
    token = audit.origin.set(audit.Origin(ip_address=address))
    try:
        confirm_password(user=user, password=password, field="current")
    finally:
        audit.origin.reset(token)


def test_the_right_password_is_confirmed(anna):
    confirm(anna, PASSWORD)
    assert not AuditLog.objects.filter(action="password.refused").exists()


def test_a_wrong_one_names_the_field_in_which_it_was_given(anna):
    with pytest.raises(InvalidError) as refused:
        confirm(anna)
    assert set(refused.value.errors) == {"current"}


def test_failures_count_together_with_those_of_signing_in(anna):
    for _ in range(5):
        with pytest.raises(InvalidError):
            confirm(anna)
        Api().post("auth/login", {"login": "anna", "password": "wrong"})
    with pytest.raises(TooManyRequestsError):
        confirm(anna, PASSWORD)
    assert Api().post("auth/login", {"login": "anna", "password": PASSWORD}).status_code == 429


def test_another_username_brings_no_more_tries(anna):
    for _ in range(10):
        with pytest.raises(InvalidError):
            confirm(anna)
    User.objects.update(username="hanna")
    with pytest.raises(TooManyRequestsError):
        confirm(User.objects.get())


def test_guesses_from_elsewhere_keep_no_device_from_confirming(anna, monkeypatch):
    monkeypatch.setattr("accounts.services.credentials.FAILURES_PER_ACCOUNT", 3)
    for number in range(5):
        Api(REMOTE_ADDR=f"192.0.2.{number}").post("auth/login", {"login": "anna", "password": "wrong"})
    confirm(anna, PASSWORD)


def test_a_password_that_is_confirmed_begins_a_new_count(anna):
    for _ in range(3):
        for _ in range(9):
            with pytest.raises(InvalidError):
                confirm(anna)
        confirm(anna, PASSWORD)


def test_refusals_are_recorded_at_the_first_and_tenth(anna):
    for number in range(11):
        with pytest.raises(InvalidError):
            confirm(anna, address=f"192.0.2.{number}")
    rows = AuditLog.objects.filter(action="password.refused").order_by("id")
    assert [(row.actor_id, row.resource_id, row.details) for row in rows] == [
        (anna.pk, anna.pk, {"count": 1}),
        (anna.pk, anna.pk, {"count": 10}),
    ]

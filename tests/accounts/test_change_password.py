import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import PendingEmail, User
from accounts.services import passwords
from moderation.models import AuditLog
from tests.accounts.clients import ORIGIN, Api, Browser, signed_in
from tests.accounts.mailbox import subjects, token_for
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEW = "a long walk home"


@pytest.fixture
def anna():
    return UserFactory(username="anna", email="anna@example.org", is_verified=True)


def change(api, current=PASSWORD, password=NEW):
    return api.post("auth/password/change", {"current": current, "password": password})


def works(api):
    return api.get("users/me").status_code == 200


def test_a_change_ends_all_other_sessions_and_keeps_this_one(anna):
    tokens = signed_in(anna).tokens
    phone, laptop, browser = Api(tokens.access), Api.of(anna), Browser()
    browser.sign_in(anna)
    assert works(phone)
    assert change(phone).status_code == 204
    assert works(phone)
    assert not works(laptop)
    assert browser.get("/").status_code == 302
    assert User.objects.get().auth_version == 2
    pair = Api().post("auth/refresh", {"refresh": tokens.refresh}).json()
    assert works(Api(pair["access"]))
    assert works(phone)
    assert Api().post("auth/login", {"login": "anna", "password": PASSWORD}).status_code == 401
    assert Api().post("auth/login", {"login": "anna", "password": NEW}).status_code == 200


def test_a_browser_that_changes_it_stays_signed_in(anna):
    browser, phone = Browser(), Api.of(anna)
    browser.sign_in(anna)
    answer = browser.post(
        "/api/v1/auth/password/change",
        {"current": PASSWORD, "password": NEW},
        content_type="application/json",
        headers={"X-CSRFToken": browser.csrf_token, "Origin": ORIGIN},
    )
    assert answer.status_code == 204
    assert browser.get("/").status_code == 200
    assert not works(phone)


def test_it_can_be_changed_twice_in_one_session(anna):
    api = Api.of(anna)
    assert change(api).status_code == 204
    assert change(api, NEW, "another walk home").status_code == 204
    assert works(api)


def test_the_change_is_told_by_mail_and_recorded(anna):
    change(Api.of(anna))
    assert subjects("anna@example.org") == ["Your password for Chat was changed"]
    row = AuditLog.objects.get(action="password.changed")
    assert (row.actor_id, row.resource_id, row.details) == (anna.pk, anna.pk, {})


def test_a_wrong_current_password_names_its_field_and_counts_as_a_failed_sign_in(anna):
    api = Api.of(anna)
    for _ in range(10):
        answer = change(api, current="wrong")
        assert (answer.status_code, set(answer.json()["errors"])) == (400, {"current"})
    assert change(api).status_code == 429
    assert Api().post("auth/login", {"login": "anna", "password": PASSWORD}).status_code == 429
    assert works(api)


@pytest.mark.parametrize("password", ["seven77", "x" * 129, "password123", "4815162342", "anna@example"])
def test_a_new_password_is_neither_short_nor_long_nor_guessable(anna, password):
    api = Api.of(anna)
    answer = change(api, password=password)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"password"})
    assert change(api).status_code == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": NEW}, "current"),
        ({"current": PASSWORD}, "password"),
        ({"current": PASSWORD, "password": None}, "password"),
        ({"current": 5, "password": NEW}, "current"),
        ({"current": PASSWORD, "password": NEW, "new": NEW}, "new"),
    ],
)
def test_fields_are_known_and_of_their_type(anna, body, field):
    answer = Api.of(anna).post("auth/password/change", body)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})


def test_it_wants_somebody_signed_in():
    assert change(Api()).status_code == 401


def test_a_password_that_was_changed_meanwhile_is_not_changed_again(anna, monkeypatch):
    api, changed = Api.of(anna), make_password("another walk home")

    def change_meanwhile(password):
        User.objects.update(password=changed, auth_version=2)
        return make_password(password)

    monkeypatch.setattr(passwords, "make_password", change_meanwhile)
    answer = change(api)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"current"})
    assert User.objects.get().password == changed


def test_a_change_of_address_that_is_under_way_is_off(anna):
    api = Api.of(anna)
    api.post("auth/email/change", {"password": PASSWORD, "email": "thief@example.org"})
    token = token_for("thief@example.org")
    change(api)
    assert not PendingEmail.objects.exists()
    assert Api().post("auth/email/verify", {"token": token}).status_code == 400


def test_a_link_to_ones_own_address_outlives_the_change(anna):
    User.objects.update(is_verified=False)
    api = Api.of(anna)
    api.post("auth/email/resend")
    token = token_for("anna@example.org")
    change(api)
    assert api.post("auth/email/verify", {"token": token}).status_code == 204

import pytest

from accounts.models import PendingEmail, User
from moderation.models import AuditLog
from tests.accounts.clients import Api
from tests.accounts.mailbox import received, subjects, token_for
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna", email="anna@example.org", is_verified=True)


@pytest.fixture
def api(anna):
    return Api.of(anna)


def change(api, email="new@example.org", password=PASSWORD):
    return api.post("auth/email/change", {"password": password, "email": email})


def verify(token):
    return Api().post("auth/email/verify", {"token": token})


def test_the_address_changes_when_the_new_one_is_proven_and_the_old_one_is_told(api):
    assert change(api, " New@Example.org ").status_code == 202
    assert api.get("users/me").json()["email"] == "anna@example.org"
    mails = {message.to[0]: message for message in received()}
    assert set(mails) == {"anna@example.org", "new@example.org"}
    assert "about to change" in mails["anna@example.org"].subject
    change(api)
    assert verify(token_for("new@example.org")).status_code == 204
    me = api.get("users/me").json()
    assert (me["email"], me["is_verified"]) == ("new@example.org", True)
    assert subjects("anna@example.org") == ["Your address for Chat was changed"]
    assert AuditLog.objects.get(action="email.verified").details == {"changed": True}
    assert Api().post("auth/login", {"login": "new@example.org", "password": PASSWORD}).status_code == 200
    assert Api().post("auth/login", {"login": "anna@example.org", "password": PASSWORD}).status_code == 401


def test_a_wrong_password_is_refused_and_counted(api):
    for _ in range(10):
        answer = change(api, password="wrong")
        assert (answer.status_code, set(answer.json()["errors"])) == (400, {"password"})
    assert change(api).status_code == 429
    assert not PendingEmail.objects.exists()


@pytest.mark.parametrize("email", ["", "anna", "anna@", "änna@example.org", f"{'a' * 250}@example.org"])
def test_the_new_address_must_be_one(api, email):
    answer = change(api, email)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"email"})


def test_an_address_that_is_taken_is_refused(api):
    UserFactory(email="taken@example.org")
    assert set(change(api, "Taken@example.org").json()["errors"]) == {"email"}
    assert set(change(api, "anna@example.org").json()["errors"]) == {"email"}


def test_asking_is_limited_so_that_addresses_can_not_be_tried_out(api):
    statuses = [change(api, "anna@example.org").status_code for _ in range(11)]
    assert statuses == [400] * 10 + [429]


def test_an_address_that_was_taken_meanwhile_is_refused_when_it_is_proven(api):
    change(api)
    token = token_for("new@example.org")
    UserFactory(email="new@example.org")
    answer = verify(token)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"email"})
    assert api.get("users/me").json()["email"] == "anna@example.org"


def test_the_last_address_that_was_asked_for_counts(api):
    change(api)
    first = token_for("new@example.org")
    change(api, "newer@example.org")
    assert verify(first).status_code == 400
    assert verify(token_for("newer@example.org")).status_code == 204
    assert User.objects.get().email == "newer@example.org"


def test_a_link_that_was_used_does_not_work_for_the_same_address_again(api):
    change(api)
    used = token_for("new@example.org")
    verify(used)
    change(api, "anna@example.org")
    verify(token_for("anna@example.org"))
    change(api)
    assert verify(used).status_code == 400


def test_a_new_account_may_mend_its_address_before_proving_it(api):
    User.objects.update(is_verified=False)
    assert change(api, "anna@example.org").status_code == 202
    assert [message.to for message in received()] == [["anna@example.org"]]
    assert change(api).status_code == 202
    assert api.post("auth/email/verify", {"token": token_for("new@example.org")}).status_code == 204
    assert api.get("users/me").json()["email"] == "new@example.org"


def test_it_wants_somebody_signed_in():
    assert change(Api()).status_code == 401

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import identify_hasher, make_password
from django.utils import timezone

from accounts.errors import InvalidCredentialsError
from accounts.hashers import ChatArgon2Hasher
from accounts.models import User
from accounts.services import credentials
from accounts.services.credentials import verify_credentials
from accounts.services.sessions import start_session
from moderation.models import AuditLog
from tests.accounts.clients import Api, signed_in
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna", email="anna@example.org", phone="+4930123456")


def sign_in(login, password=PASSWORD, **environ):
    return Api(**environ).post("auth/login", {"login": login, "password": password})


@pytest.mark.parametrize("login", ["anna", " ANNA ", "Anna@Example.org", "+4930123456", "+49 (30) 123-456"])
def test_one_signs_in_by_username_address_or_number(anna, login):
    answer = sign_in(login)
    assert answer.status_code == 200
    assert answer.json()["user"]["id"] == anna.pk
    assert not answer.cookies


def test_the_device_is_named_after_its_user_agent(anna):
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
    session = sign_in("anna", HTTP_USER_AGENT=agent).json()["session"]
    assert (session["device_name"], session["platform"]) == ("Firefox on Linux", "Linux")
    assert (session["user_agent"], session["ip_address"]) == (agent, "127.0.0.1")


def test_nobody_learns_whether_an_account_exists(anna, hashes):
    wrong = sign_in("anna", "not the password")
    hashed_for_wrong = len(hashes)
    unknown = sign_in("nobody", "not the password")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_credentials")
    assert (unknown.status_code, unknown.content) == (wrong.status_code, wrong.content)
    assert hashed_for_wrong == 1
    assert hashes == ["not the password"] * 2


@pytest.mark.parametrize("login", ["anna\x00", "x" * 1025, "", None, 5, ["anna"]])
def test_a_login_that_is_none_is_refused(anna, login):
    answer = sign_in(login)
    assert answer.status_code == 400


def test_only_the_right_password_tells_of_a_suspension(anna):
    until = timezone.now() + timedelta(days=1)
    User.objects.update(is_suspended=True, suspended_until=until)
    assert sign_in("anna", "wrong password").json()["code"] == "invalid_credentials"
    answer = sign_in("anna")
    assert (answer.status_code, answer.json()["code"]) == (403, "account_suspended")


def test_a_suspension_that_is_over_keeps_nobody_out(anna):
    User.objects.update(is_suspended=True, suspended_until=timezone.now() - timedelta(seconds=1))
    assert sign_in("anna").status_code == 200


def test_a_closed_account_is_no_account(anna):
    User.objects.update(is_active=False)
    assert sign_in("anna").json()["code"] == "invalid_credentials"


def test_a_password_kept_under_other_parameters_is_hashed_anew(anna, settings):
    settings.ARGON2_MEMORY_KIB = 128
    assert sign_in("anna").status_code == 200
    kept = User.objects.get().password
    assert identify_hasher(kept).decode(kept)["memory_cost"] == 128
    assert sign_in("anna").status_code == 200
    assert User.objects.get().password == kept


def test_hashing_anew_does_not_undo_a_change_of_password(anna, settings, monkeypatch):
    settings.ARGON2_MEMORY_KIB = 128
    changed = make_password("another password")
    verify = ChatArgon2Hasher.verify

    def verify_while_the_password_changes(self, password, kept):
        result = verify(self, password, kept)
        User.objects.update(password=changed)
        return result

    monkeypatch.setattr(ChatArgon2Hasher, "verify", verify_while_the_password_changes)
    verify_credentials(login="anna", password=PASSWORD)
    assert User.objects.get().password == changed


def test_no_session_begins_for_who_was_suspended_after_the_password_was_right(anna):
    verified = verify_credentials(login="anna", password=PASSWORD)
    User.objects.update(auth_version=2)
    with pytest.raises(InvalidCredentialsError):
        start_session(user=verified, device=signed_in(UserFactory()).session)


def test_ten_failures_of_an_account_from_an_address_are_enough(anna):
    for _ in range(10):
        assert sign_in("anna", "wrong").status_code == 401
    answer = sign_in("anna")
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 0 < int(answer["Retry-After"]) <= 901
    assert sign_in("anna", REMOTE_ADDR="192.0.2.7").status_code == 200
    assert sign_in("nobody", "wrong").status_code == 401


def test_unknown_accounts_are_limited_like_known_ones():
    statuses = [sign_in("nobody", "wrong").status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


def test_the_right_password_begins_a_new_count(anna):
    for _ in range(3):
        for _ in range(9):
            assert sign_in("anna", "wrong").status_code == 401
        assert sign_in("anna").status_code == 200


def test_fifty_failures_of_an_address_are_enough(anna):
    for number in range(50):
        assert sign_in(f"nobody{number}", "wrong").status_code == 401
    assert sign_in("anna").status_code == 429


def test_who_signs_in_often_is_not_limited(anna):
    for _ in range(55):
        assert sign_in("anna").status_code == 200


def test_limits_can_be_turned_off(anna, settings):
    settings.RATE_LIMITS = False
    assert {sign_in("anna", "wrong").status_code for _ in range(12)} == {401}


def test_limits_hold_while_redis_is_down(anna, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock?db=0"}}
    statuses = [sign_in("anna", "wrong").status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    assert sign_in("anna", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_an_account_that_is_guessed_at_from_everywhere_hears_only_addresses_that_it_knows(anna, monkeypatch):
    monkeypatch.setattr(credentials, "FAILURES_PER_ACCOUNT", 3)
    assert sign_in("anna", REMOTE_ADDR="192.0.2.1").status_code == 200
    for number in range(10, 14):
        sign_in("anna", "wrong", REMOTE_ADDR=f"192.0.2.{number}")
    refused = sign_in("anna", REMOTE_ADDR="192.0.2.99")
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_credentials")
    assert sign_in("anna", REMOTE_ADDR="192.0.2.1").status_code == 200


def test_failures_are_recorded_at_the_first_tenth_and_fiftieth_without_what_was_typed(anna):
    for number in range(51):
        sign_in("anna", "hunter2", REMOTE_ADDR=f"192.0.2.{number}")
    sign_in("nobody", "hunter2")
    rows = AuditLog.objects.filter(action="sign_in.failed").order_by("id").values_list("resource_id", "details")
    counts = [(anna.pk, {"count": count}) for count in (1, 10, 50)]
    assert list(rows) == [*counts, ("", {"count": 1})]


def test_guesses_end_no_session_that_exists(anna):
    phone = Api.of(anna)
    for number in range(120):
        sign_in("anna", "wrong", REMOTE_ADDR=f"192.0.2.{number % 2}")
    assert sign_in("anna").status_code == 200
    assert phone.get("users/me").status_code == 200


def test_addresses_of_one_network_of_ipv6_count_together(anna):
    statuses = [sign_in("anna", "wrong", REMOTE_ADDR=f"2001:db8::{number:x}").status_code for number in range(11)]
    assert statuses == [401] * 10 + [429]
    assert sign_in("anna", REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


def test_a_sign_in_is_recorded(anna):
    session_id = sign_in("anna").json()["session"]["id"]
    row = AuditLog.objects.get(action="session.started")
    assert (row.actor_id, row.resource_id, row.ip_address) == (anna.pk, session_id, "127.0.0.1")


def test_forwarded_addresses_count_only_from_trusted_proxies(anna, settings):
    headers = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "REMOTE_ADDR": "10.0.0.1"}
    assert sign_in("anna", **headers).json()["session"]["ip_address"] == "10.0.0.1"
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    assert sign_in("anna", **headers).json()["session"]["ip_address"] == "203.0.113.9"


def test_people_of_the_demo_sign_in_from_this_machine_alone():
    UserFactory(username="alice", email="alice@demo.example")
    assert sign_in("alice").status_code == 200
    assert sign_in("alice", REMOTE_ADDR="::1").status_code == 200
    answer = sign_in("alice", REMOTE_ADDR="192.0.2.7")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")

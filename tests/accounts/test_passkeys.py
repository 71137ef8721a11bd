import pytest
from django.utils import timezone

from accounts.models import Passkey, User, UserSession
from accounts.services.sign_in import begin_passkey_sign_in, verify_passkey
from chat_project.core.db.cuid import new_cuid
from tests.accounts.authenticator import Authenticator
from tests.accounts.clients import Api
from tests.accounts.factors import App, add_key
from tests.factories import PASSWORD, UserFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def key(anna):
    return add_key(anna)


def log_in():
    answer = Api().post("auth/login", {"login": "anna", "password": PASSWORD})
    assert answer.json()["code"] == "second_factor_required"
    return answer.json()


def finish(step, credential):
    return Api().post("auth/second-factor", {"token": step["token"], "credential": credential})


def begin():
    return Api().post("auth/passkey/begin").json()


def enter(question, credential):
    return Api().post("auth/passkey", {"token": question["token"], "credential": credential})


def code_of(answer):
    assert answer.status_code == 401, answer.content
    return answer.json()["code"]


def test_a_passkey_is_made_in_two_steps(anna):
    api, device = Api.of(anna), Authenticator()
    question = api.post("auth/second-factor/passkeys/begin", {"password": PASSWORD}).json()
    assert question["options"]["rp"] == {"name": "Chat", "id": "localhost"}
    body = {"token": question["token"], "name": " My  laptop ", "credential": device.create(question["options"])}
    answer = api.post("auth/second-factor/passkeys", body)
    assert answer.status_code == 201
    assert (answer.json()["passkey"]["name"], len(answer.json()["recovery_codes"])) == ("My laptop", 10)
    page = api.get("auth/second-factor/passkeys").json()
    assert page == {"results": [answer.json()["passkey"]], "next": None}


def test_a_second_passkey_gives_no_new_recovery_codes(anna, key):
    api, device = Api.of(anna), Authenticator()
    question = api.post("auth/second-factor/passkeys/begin", {"password": PASSWORD}).json()
    assert len(question["options"]["excludeCredentials"]) == 1
    body = {"token": question["token"], "name": "Two", "credential": device.create(question["options"])}
    assert api.post("auth/second-factor/passkeys", body).json()["recovery_codes"] is None


@pytest.mark.parametrize("counts", [True, False], ids=["a key that counts", "a key that never does"])
def test_a_passkey_is_a_second_factor(anna, counts):
    device = add_key(anna, Authenticator(counts=counts, verifies=False))
    for _ in range(2):
        step = log_in()
        assert step["methods"] == ["passkey", "recovery_code"]
        answer = finish(step, device.get(step["passkey_options"]))
        assert (answer.status_code, answer.json()["user"]["id"]) == (200, anna.pk)
    assert Passkey.objects.get().last_used_at is not None


def test_a_passkey_signs_in_without_a_password(anna, key):
    question = begin()
    assert question["options"]["userVerification"] == "required"
    answer = Api().post(
        "auth/passkey",
        {"token": question["token"], "credential": key.get(question["options"]), "device_name": "Desk"},
    )
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh", "expires_in", "session", "user"}
    assert (answer.json()["user"]["id"], answer.json()["session"]["device_name"]) == (anna.pk, "Desk")


def test_a_key_that_does_not_verify_its_owner_is_no_way_in_alone(anna):
    device = add_key(anna, Authenticator(verifies=False))
    question = begin()
    assert code_of(enter(question, device.get(question["options"]))) == "invalid_credentials"


def test_an_answer_to_another_question_is_refused(key):
    step, question = log_in(), begin()
    assert code_of(finish(step, key.get(log_in()["passkey_options"]))) == "second_factor_wrong"
    assert code_of(finish(step, key.get(question["options"]))) == "second_factor_wrong"
    assert code_of(enter(question, key.get(step["passkey_options"]))) == "invalid_credentials"


def test_an_answer_given_on_another_site_is_refused(key):
    question = begin()
    for origin in ("https://evil.example", "http://localhost", "http://localhost:1", ""):
        assert code_of(enter(question, key.get(question["options"], origin=origin))) == "invalid_credentials"
    other_site = {**question["options"], "rpId": "evil.example"}
    assert code_of(enter(question, key.get(other_site))) == "invalid_credentials"


def test_a_signature_of_another_key_is_refused(key):
    step, thief = log_in(), Authenticator()
    thief.id = key.id
    assert code_of(finish(step, thief.get(step["passkey_options"]))) == "second_factor_wrong"


def test_somebody_elses_passkey_is_no_second_factor(key):
    other = add_key(UserFactory(username="berta"))
    step = log_in()
    assert code_of(finish(step, other.get(step["passkey_options"]))) == "second_factor_wrong"


def test_an_unknown_passkey_is_refused(key):
    question = begin()
    answer = enter(question, Authenticator().get(question["options"]))
    assert code_of(answer) == "invalid_credentials"


def test_a_copied_key_is_noticed_by_its_count(key):
    step = log_in()
    key.count = 10
    assert finish(step, key.get(step["passkey_options"])).status_code == 200
    key.count = 5
    step = log_in()
    assert code_of(finish(step, key.get(step["passkey_options"]))) == "second_factor_wrong"


def test_a_question_is_answered_once(key):
    question = begin()
    assert enter(question, key.get(question["options"])).status_code == 200
    assert code_of(enter(question, key.get(question["options"]))) == "invalid_token"


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_signs_in(anna):
    device = add_key(anna, Authenticator(counts=False))
    question = begin_passkey_sign_in()
    answer = device.get(question.options)
    results = at_once(*(lambda: verify_passkey(token=question.token, credential=answer) for _ in range(2)))
    assert sorted(isinstance(result, User) for result in results) == [False, True]


def test_suspended_and_closed_people_do_not_get_in(key):
    User.objects.update(is_suspended=True)
    question = begin()
    answer = enter(question, key.get(question["options"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "account_suspended")
    User.objects.update(is_suspended=False, is_active=False)
    question = begin()
    assert code_of(enter(question, key.get(question["options"]))) == "invalid_credentials"
    assert not UserSession.objects.exists()


def test_tokens_of_other_kinds_ask_no_passkey(anna, key):
    step = log_in()
    new = Api.of(anna).post("auth/second-factor/passkeys/begin", {"password": PASSWORD}).json()
    for token in (step["token"], new["token"], "x", "é"):
        assert code_of(enter({"token": token}, key.get(begin()["options"]))) == "invalid_token"


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": 5},
        {"id": "é"},
        {"id": "AAAA"},
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}},
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "e30"}},
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": []},
    ],
)
def test_what_is_no_answer_is_refused(anna, key, credential):
    assert code_of(enter(begin(), credential)) == "invalid_credentials"
    assert code_of(finish(log_in(), credential)) == "second_factor_wrong"
    api = Api.of(anna)
    token = api.post("auth/second-factor/passkeys/begin", {"password": PASSWORD}).json()["token"]
    answer = api.post("auth/second-factor/passkeys", {"token": token, "name": "x", "credential": credential})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["credential"])


@pytest.mark.parametrize("field", ["clientDataJSON", "authenticatorData", "signature"])
@pytest.mark.parametrize("value", ["", "e30", "AAAA", "!!", "_" * 300])
def test_an_answer_with_a_broken_part_is_refused(key, field, value):
    question = begin()
    credential = key.get(question["options"])
    credential["response"][field] = value
    assert code_of(enter(question, credential)) == "invalid_credentials"


@pytest.mark.parametrize("field", ["clientDataJSON", "attestationObject"])
@pytest.mark.parametrize("value", ["", "e30", "AAAA", "!!", "_" * 300, "oA", "gA", "9g"])
def test_a_new_passkey_with_a_broken_part_is_refused(anna, field, value):
    api, device = Api.of(anna), Authenticator()
    question = api.post("auth/second-factor/passkeys/begin", {"password": PASSWORD}).json()
    credential = device.create(question["options"])
    credential["response"][field] = value
    answer = api.post(
        "auth/second-factor/passkeys", {"token": question["token"], "name": "x", "credential": credential}
    )
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["credential"])
    assert not Passkey.objects.exists()


def test_a_passkey_is_made_for_who_began_it_once_and_in_time(anna, monkeypatch):
    api, device = Api.of(anna), Authenticator()
    question = api.post("auth/second-factor/passkeys/begin", {"password": PASSWORD}).json()
    body = {"token": question["token"], "name": "Key", "credential": device.create(question["options"])}
    other = Api.of(UserFactory()).post("auth/second-factor/passkeys", body)
    assert (other.status_code, list(other.json()["errors"])) == (400, ["token"])
    assert api.post("auth/second-factor/passkeys", body).status_code == 201
    again = api.post("auth/second-factor/passkeys", body)
    assert (again.status_code, list(again.json()["errors"])) == (400, ["token"])
    monkeypatch.setattr("accounts.challenges.LIFE_SECONDS", -1)
    late = api.post("auth/second-factor/passkeys/begin", {"password": PASSWORD}).json()
    answer = api.post("auth/second-factor/passkeys", {**body, "token": late["token"]})
    assert list(answer.json()["errors"]) == ["token"]


def test_a_credential_belongs_to_one_account(anna, key):
    api = Api.of(UserFactory())
    question = api.post("auth/second-factor/passkeys/begin", {"password": PASSWORD}).json()
    body = {"token": question["token"], "name": "Mine", "credential": key.create(question["options"])}
    answer = api.post("auth/second-factor/passkeys", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["credential"])
    assert Passkey.objects.get().user_id == anna.pk


def test_an_account_has_twenty_passkeys_at_most(anna):
    for number in range(20):
        Passkey.objects.create(
            user=anna, name="Key", credential_id=bytes([number]), public_key=b"", created_at=timezone.now()
        )
    answer = Api.of(anna).post("auth/second-factor/passkeys/begin", {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_passkeys")


def test_a_passkey_gets_another_name(anna, key):
    api, passkey = Api.of(anna), Passkey.objects.get()
    answer = api.patch(f"auth/second-factor/passkeys/{passkey.id}", {"name": "Blue"})
    assert (answer.status_code, answer.json()["name"]) == (200, "Blue")
    for name in ("", " ", "x" * 65, "\u202e"):
        bad = api.patch(f"auth/second-factor/passkeys/{passkey.id}", {"name": name})
        assert (bad.status_code, list(bad.json()["errors"])) == (400, ["name"])


def test_a_removed_passkey_signs_nobody_in(anna, key):
    App(anna)
    api, passkey = Api.of(anna), Passkey.objects.get()
    assert api.call("DELETE", f"auth/second-factor/passkeys/{passkey.id}", {"password": PASSWORD}).status_code == 204
    question = begin()
    assert code_of(enter(question, key.get(question["options"]))) == "invalid_credentials"
    assert log_in()["methods"] == ["code", "recovery_code"]


def test_other_peoples_passkeys_are_not_there(key):
    api = Api.of(UserFactory())
    for passkey_id in (Passkey.objects.get().id, new_cuid()):
        path = f"auth/second-factor/passkeys/{passkey_id}"
        assert api.patch(path, {"name": "x"}).status_code == 404
        assert api.call("DELETE", path, {"password": PASSWORD}).status_code == 404


def test_asking_for_a_question_says_nothing_of_any_account(key):
    assert begin()["options"]["allowCredentials"] == []


def test_passkeys_are_not_tried_at_leisure(key, monkeypatch):
    monkeypatch.setattr("accounts.services.sign_in.PASSKEY_TRIES_AN_ADDRESS", 2)
    statuses = [enter({"token": "x"}, {"id": "AAAA"}).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]

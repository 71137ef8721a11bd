from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuthenticatorApp, RecoveryCode, SpentToken, User, UserSession
from accounts.services.authenticator_apps import take_code
from accounts.services.cleanup import cleanup_sign_ins
from accounts.services.second_factors import take_recovery_code
from accounts.services.second_step import Proof, pass_second_factor
from moderation.models import AuditLog
from tests.accounts.clients import Api, signed_in
from tests.accounts.factors import App, add_key
from tests.factories import PASSWORD, UserFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def app(anna):
    return App(anna)


def sign_in(password=PASSWORD, login="anna", **environ):
    return Api(**environ).post("auth/login", {"login": login, "password": password})


def token_of_step():
    answer = sign_in()
    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_required")
    return answer.json()["token"]


def finish(token, **proof):
    return Api().post("auth/second-factor", {"token": token, **proof})


def code_of(answer):
    assert answer.status_code == 401, answer.content
    return answer.json()["code"]


def test_without_a_factor_the_password_is_enough(anna):
    assert sign_in().status_code == 200


def test_a_password_alone_begins_no_session(app):
    body = sign_in().json()
    assert (body["code"], body["methods"], body["expires_in"]) == (
        "second_factor_required",
        ["code", "recovery_code"],
        300,
    )
    assert body["passkey_options"] is None
    assert not UserSession.objects.exists()


def test_the_apps_code_finishes_the_sign_in_as_a_login_answers(anna, app):
    answer = Api().post("auth/second-factor", {"token": token_of_step(), "code": app.code(), "device_name": "My phone"})
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access", "refresh", "expires_in", "session", "user"}
    assert (body["user"]["id"], body["session"]["device_name"]) == (anna.pk, "My phone")
    assert Api(body["access"]).get("users/me").status_code == 200


def test_a_wrong_password_never_speaks_of_a_second_factor(app):
    UserFactory(username="plain")
    answers = [sign_in("wrong"), sign_in("wrong", "plain"), sign_in("wrong", "nobody")]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1


def test_a_suspended_person_is_told_so_and_gets_no_token(anna, app):
    User.objects.update(is_suspended=True)
    answer = sign_in()
    assert (answer.status_code, answer.json()["code"]) == (403, "account_suspended")
    assert "token" not in answer.json()


@pytest.mark.parametrize("code", ["000000", "12345", "1234567", "abcdef", "١٢٣٤٥٦", " "])
def test_a_wrong_code_is_refused_and_the_token_stays_good(app, code):
    token = token_of_step()
    right = app.code()
    if code != right:
        assert finish(token, code=code).status_code in {400, 401}
    assert finish(token, code=f" {right[:3]} {right[3:]} ").status_code == 200


def test_a_token_is_good_for_one_sign_in(app):
    token = token_of_step()
    assert finish(token, code=app.code()).status_code == 200
    assert code_of(finish(token, recovery_code=app.recovery_codes[0])) == "invalid_token"
    # What a spent token came with is not used up.
    assert finish(token_of_step(), recovery_code=app.recovery_codes[0]).status_code == 200


def test_a_code_counts_once(app):
    code = app.code()
    assert finish(token_of_step(), code=code).status_code == 200
    assert code_of(finish(token_of_step(), code=code)) == "second_factor_wrong"


def test_no_code_of_an_earlier_step_counts_after_a_later_one(anna, app):
    earlier, later = app.code(), app.code()
    assert take_code(user_id=anna.pk, text=later)
    assert not take_code(user_id=anna.pk, text=earlier)


def test_the_code_that_set_the_app_up_does_not_sign_in(anna):
    app = App(anna)
    assert not take_code(user_id=anna.pk, text=app.code_at(timezone.now() - timedelta(seconds=30)))


def test_codes_of_other_half_minutes_are_refused(anna, app):
    now = timezone.now()
    for seconds in (-90, 90, 3600):
        assert not take_code(user_id=anna.pk, text=app.code_at(now + timedelta(seconds=seconds)), at=now)


def test_somebody_elses_code_is_refused(anna, app):
    berta = App(UserFactory(username="berta"))
    assert code_of(finish(token_of_step(), code=berta.code())) == "second_factor_wrong"


@pytest.mark.django_db(transaction=True)
def test_of_two_sign_ins_with_one_code_at_once_one_succeeds(app):
    code, tokens = app.code(), [token_of_step(), token_of_step()]
    answers = at_once(*(lambda token=token: finish(token, code=code) for token in tokens))
    assert sorted(answer.status_code for answer in answers) == [200, 401]


@pytest.mark.django_db(transaction=True)
def test_of_two_sign_ins_with_one_token_at_once_one_succeeds(app):
    token, codes = token_of_step(), app.recovery_codes[:2]
    answers = at_once(*(lambda code=code: finish(token, recovery_code=code) for code in codes))
    assert sorted(answer.status_code for answer in answers) == [200, 401]
    assert RecoveryCode.objects.filter(used_at=None).count() == 9


@pytest.mark.django_db(transaction=True)
def test_of_two_sign_ins_with_one_recovery_code_at_once_one_succeeds(app):
    code, tokens = app.recovery_codes[0], [token_of_step(), token_of_step()]
    answers = at_once(*(lambda token=token: finish(token, recovery_code=code) for token in tokens))
    assert sorted(answer.status_code for answer in answers) == [200, 401]


def test_a_recovery_code_signs_in_once_however_it_is_typed(app):
    code = app.recovery_codes[3]
    assert finish(token_of_step(), recovery_code=f" {code.upper().replace('-', ' ')}").status_code == 200
    assert code_of(finish(token_of_step(), recovery_code=code)) == "second_factor_wrong"


def test_recovery_codes_are_kept_as_digests_of_their_owner(anna, app):
    kept = b"".join(bytes(row.digest) for row in RecoveryCode.objects.all())
    assert len(kept) == 320
    assert not any(code.encode() in kept for code in app.recovery_codes)
    assert not take_recovery_code(user_id=UserFactory().pk, text=app.recovery_codes[0])


def test_the_apps_secret_does_not_stand_in_the_database(anna, app):
    secret = app._totp.secret
    assert secret.encode() not in bytes(AuthenticatorApp.objects.get().sealed_secret)


def test_a_secret_is_sealed_under_the_present_key_when_it_is_used(anna, app, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert take_code(user_id=anna.pk, text=app.code())
    settings.SECRET_KEY_FALLBACKS = []
    assert take_code(user_id=anna.pk, text=app.code())


def test_codes_of_a_secret_whose_key_is_gone_are_refused_and_recovery_codes_still_sign_in(app, settings):
    settings.SECRET_KEY = "another key"
    assert code_of(finish(token_of_step(), code=app.code())) == "second_factor_wrong"
    assert finish(token_of_step(), recovery_code=app.recovery_codes[0]).status_code == 200


def test_forged_expired_and_other_tokens_are_refused(anna, app, settings, monkeypatch):
    token = token_of_step()
    phone = signed_in(UserFactory()).tokens
    passkey_token = Api().post("auth/passkey/begin").json()["token"]
    forged = [token[:-1] + ("A" if token[-1] != "A" else "B"), phone.access, phone.refresh, passkey_token, "x", "é"]
    for bad in forged:
        assert code_of(finish(bad, code=app.code_at(timezone.now()))) == "invalid_token", bad
    monkeypatch.setattr("accounts.challenges.LIFE_SECONDS", -1)
    assert code_of(finish(token_of_step(), code=app.code())) == "invalid_token"


def test_a_token_dies_with_the_password_that_it_was_made_for(app):
    token = token_of_step()
    User.objects.update(auth_version=2)
    assert code_of(finish(token, code=app.code())) == "invalid_token"


def test_a_token_of_somebody_who_was_suspended_or_closed_meanwhile_is_dead(app):
    token = token_of_step()
    for change in ({"is_suspended": True}, {"is_suspended": False, "is_active": False}):
        User.objects.update(**change)
        assert code_of(finish(token, code=app.code_at(timezone.now()))) == "invalid_token"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"token": "x"},
        {"code": "123456"},
        {"token": "x", "code": "1", "recovery_code": "2"},
        {"token": "x", "code": 123456},
        {"token": "x", "code": None},
        {"token": "x", "credential": "x"},
        {"token": "x", "code": "1" * 65},
        {"token": "x", "code": "123456", "password": "x"},
    ],
)
def test_a_body_of_another_shape_is_refused(body):
    answer = Api().post("auth/second-factor", body)
    assert (answer.status_code, bool(answer.json()["errors"])) == (400, True)


def test_a_token_has_five_tries(app):
    token = token_of_step()
    for _ in range(5):
        assert code_of(finish(token, code="000000")) == "second_factor_wrong"
    answer = finish(token, code=app.code())
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 0 < int(answer["Retry-After"]) <= 301
    assert finish(token_of_step(), code=app.code()).status_code == 200


def test_an_account_has_ten_tries_and_its_sessions_go_on(anna, app):
    access = signed_in(anna).tokens.access
    for _ in range(2):
        token = token_of_step()
        for _ in range(5):
            finish(token, recovery_code="nothing")
    assert finish(token_of_step(), code=app.code()).status_code == 429
    assert Api(access).get("users/me").status_code == 200
    rows = AuditLog.objects.filter(action="second_factor.failed").order_by("id").values_list("resource_id", "details")
    assert list(rows) == [(anna.pk, {"count": 1}), (anna.pk, {"count": 10})]


def test_tries_are_limited_while_redis_is_down(app, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock?db=0"}}
    token = token_of_step()
    statuses = [finish(token, code="000000").status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]


def test_right_factors_are_not_counted(anna, app):
    for code in app.recovery_codes:
        pass_second_factor(token=token_of_step(), proof=Proof(recovery_code=code))
    assert finish(token_of_step(), code=app.code()).status_code == 200


def test_both_factors_are_offered(anna, app):
    add_key(anna)
    assert sign_in().json()["methods"] == ["code", "passkey", "recovery_code"]


def test_used_tokens_are_kept_by_their_digest(app):
    token = token_of_step()
    finish(token, code=app.code())
    assert len(bytes(SpentToken.objects.get().digest)) == 32


def test_cleanup_forgets_spent_tokens_that_would_have_expired_and_no_others(app):
    for _ in range(2):
        finish(token_of_step(), recovery_code=app.recovery_codes.pop())
    expired = SpentToken.objects.first()
    SpentToken.objects.filter(digest=expired.digest).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert cleanup_sign_ins() == 1
    assert bytes(SpentToken.objects.get().digest) != bytes(expired.digest)

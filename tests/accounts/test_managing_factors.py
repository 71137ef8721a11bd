import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.models import F
from django.utils import timezone

from accounts.models import AuthenticatorApp, OutgoingMail, Passkey, RecoveryCode, UserSession
from accounts.services.authenticator_apps import begin_app, confirm_app
from accounts.services.cleanup import cleanup_sign_ins
from accounts.services.mailing import deliver_due_mails
from accounts.services.second_factors import remove_all
from chat_project.core.errors import InvalidError
from moderation.models import AuditLog
from tests.accounts.clients import Api, signed_in
from tests.accounts.factors import App, add_key
from tests.factories import PASSWORD, UserFactory
from tests.messaging.drafting import another_connection
from tests.threads import at_once

pytestmark = pytest.mark.django_db

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def api(anna):
    return Api.of(anna)


def begin(api):
    answer = api.post("auth/second-factor/app", {"password": PASSWORD})
    assert answer.status_code == 200
    return answer.json()


def status(api):
    return api.get("auth/second-factor/status").json()


def log_in():
    return Api().post("auth/login", {"login": "anna", "password": PASSWORD})


def changes():
    return list(AuditLog.objects.filter(resource_type="user").order_by("id").values_list("action", flat=True))


def test_an_app_is_set_up_in_two_steps_and_gives_recovery_codes(anna, api):
    begun = begin(api)
    assert begun["uri"].startswith("otpauth://totp/Chat:anna?secret=" + begun["secret"])
    assert log_in().status_code == 200
    answer = api.post("auth/second-factor/app/confirm", {"code": pyotp.TOTP(begun["secret"]).now()})
    assert answer.status_code == 200
    codes = answer.json()["recovery_codes"]
    assert len(set(codes)) == 10
    assert log_in().json()["code"] == "second_factor_required"
    assert (status(api)["is_on"], status(api)["recovery_codes_left"], status(api)["passkeys"]) == (True, 10, [])


def test_setting_up_ends_no_session(anna, api):
    begun = begin(api)
    api.post("auth/second-factor/app/confirm", {"code": pyotp.TOTP(begun["secret"]).now()})
    assert not UserSession.objects.exclude(revoked_at=None).exists()


def test_a_wrong_first_code_changes_nothing(api):
    secret = begin(api)["secret"]
    answer = api.post("auth/second-factor/app/confirm", {"code": pyotp.TOTP(pyotp.random_base32()).now()})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["code"])
    assert log_in().status_code == 200
    assert api.post("auth/second-factor/app/confirm", {"code": pyotp.TOTP(secret).now()}).status_code == 200


def test_a_first_code_cannot_be_guessed_at_leisure(api):
    begin(api)
    statuses = [api.post("auth/second-factor/app/confirm", {"code": "12345"}).status_code for _ in range(11)]
    assert statuses == [400] * 10 + [429]


def test_there_must_be_an_app_on_trial(api):
    answer = api.post("auth/second-factor/app/confirm", {"code": "123456"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_app_on_trial")


def test_a_trial_ends_after_a_quarter_of_an_hour(api):
    secret = begin(api)["secret"]
    AuthenticatorApp.objects.update(created_at=F("created_at") - timedelta(minutes=16))
    answer = api.post("auth/second-factor/app/confirm", {"code": pyotp.TOTP(secret).now()})
    assert answer.json()["code"] == "no_app_on_trial"
    cleanup_sign_ins()
    assert not AuthenticatorApp.objects.exists()


def test_another_app_takes_the_place_of_the_first_when_its_code_was_right(anna, api):
    first = App(anna)
    second = pyotp.TOTP(begin(api)["secret"])
    token = log_in().json()["token"]
    assert Api().post("auth/second-factor", {"token": token, "code": first.code()}).status_code == 200
    answer = api.post("auth/second-factor/app/confirm", {"code": second.now()})
    assert answer.json() == {"recovery_codes": None}
    token = log_in().json()["token"]
    assert Api().post("auth/second-factor", {"token": token, "code": first.code()}).status_code == 401
    assert RecoveryCode.objects.count() == 10


def test_removing_the_last_factor_takes_the_recovery_codes_along(anna, api):
    App(anna)
    add_key(anna)
    assert api.call("DELETE", "auth/second-factor/app", {"password": PASSWORD}).status_code == 204
    assert RecoveryCode.objects.count() == 10
    passkey = Passkey.objects.get()
    assert api.call("DELETE", f"auth/second-factor/passkeys/{passkey.id}", {"password": PASSWORD}).status_code == 204
    assert not RecoveryCode.objects.exists()
    assert log_in().status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_factors_removed_at_once_leave_no_recovery_codes(anna):
    App(anna)
    add_key(anna)
    api, passkey = Api.of(anna), Passkey.objects.get()
    answers = at_once(
        lambda: Api(api.access).call("DELETE", "auth/second-factor/app", {"password": PASSWORD}),
        lambda: Api(api.access).call("DELETE", f"auth/second-factor/passkeys/{passkey.id}", {"password": PASSWORD}),
    )
    assert [answer.status_code for answer in answers] == [204, 204]
    assert not RecoveryCode.objects.exists()


def test_what_is_not_there_cannot_be_removed(api):
    assert api.call("DELETE", "auth/second-factor/app", {"password": PASSWORD}).status_code == 404


def test_new_recovery_codes_void_the_old_ones(anna, api):
    app = App(anna)
    answer = api.post("auth/second-factor/recovery-codes", {"password": PASSWORD})
    assert answer.status_code == 201
    new = answer.json()["recovery_codes"]
    assert not set(new) & set(app.recovery_codes)
    for code, expected in ((app.recovery_codes[0], 401), (new[0], 200)):
        token = log_in().json()["token"]
        assert Api().post("auth/second-factor", {"token": token, "recovery_code": code}).status_code == expected


def test_recovery_codes_want_a_factor(api):
    answer = api.post("auth/second-factor/recovery-codes", {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_second_factor")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "auth/second-factor/app"),
        ("DELETE", "auth/second-factor/app"),
        ("POST", "auth/second-factor/recovery-codes"),
        ("POST", "auth/second-factor/passkeys/begin"),
        ("DELETE", "auth/second-factor/passkeys/{}"),
    ],
)
def test_every_change_asks_for_the_password(anna, api, method, path):
    App(anna)
    add_key(anna)
    path = path.format(Passkey.objects.get().id)
    before = changes()
    answer = api.call(method, path, {"password": "wrong"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["password"])
    assert api.call(method, path, {}).status_code == 400
    assert api.call(method, path, {"password": PASSWORD, "code": "1"}).status_code == 400
    assert Api().call(method, path, {"password": PASSWORD}).status_code == 401
    assert [action for action in changes() if action != "password.refused"] == before


def test_every_change_is_recorded_and_told_by_mail(anna, api):
    app = App(anna)
    add_key(anna)
    api.patch(f"auth/second-factor/passkeys/{Passkey.objects.get().id}", {"name": "Blue key"})
    api.post("auth/second-factor/recovery-codes", {"password": PASSWORD})
    api.call("DELETE", "auth/second-factor/app", {"password": PASSWORD})
    api.call("DELETE", f"auth/second-factor/passkeys/{Passkey.objects.get().id}", {"password": PASSWORD})
    expected = [
        "authenticator_app.added",
        "passkey.added",
        "recovery_codes.renewed",
        "authenticator_app.removed",
        "passkey.removed",
    ]
    assert changes() == expected
    told = OutgoingMail.objects.filter(kind="second_factor_changed").order_by("id")
    assert [row.context["change"] for row in told] == expected
    texts = "".join(str(row.context) for row in told) + "".join(str(row.details) for row in AuditLog.objects.all())
    assert not any(code in texts for code in app.recovery_codes)


def test_the_mails_say_what_changed(anna):
    app = App(anna)
    token = log_in().json()["token"]
    Api().post("auth/second-factor", {"token": token, "recovery_code": app.recovery_codes[0]})
    deliver_due_mails()
    bodies = [message.body for message in mail.outbox if "security" in message.subject]
    assert "An authenticator app was set up" in bodies[0]
    assert "9 are left" in bodies[1]
    assert all("@anna" in body and "/settings/security" in body for body in bodies)


def test_all_factors_can_be_removed_at_once(anna, outsider):
    App(anna)
    add_key(anna)
    remove_all(user_id=anna.pk, actor_id=outsider.pk)
    assert log_in().status_code == 200
    assert not RecoveryCode.objects.exists()
    row = AuditLog.objects.get(action="second_factors.removed")
    assert (row.actor_id, row.resource_id) == (outsider.pk, anna.pk)
    remove_all(user_id=anna.pk)
    assert AuditLog.objects.filter(action="second_factors.removed").count() == 1


def test_an_operator_lets_somebody_in_who_lost_their_factors(anna, capsys):
    App(anna)
    call_command("remove_second_factors", "@Anna")
    assert log_in().status_code == 200
    call_command("remove_second_factors", "anna")
    assert capsys.readouterr().out == "removed\nthere were none\n"
    with pytest.raises(CommandError):
        call_command("remove_second_factors", "nobody")


def test_secrets_and_codes_are_not_logged(anna, caplog):
    with caplog.at_level(logging.DEBUG):
        app = App(anna)
        token = log_in().json()["token"]
        Api().post("auth/second-factor", {"token": token, "code": app.code()})
    logged = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert not any(text in logged for text in (app._totp.secret, token, *app.recovery_codes))


def test_the_state_costs_the_same_with_few_and_many_passkeys(anna, django_assert_num_queries):
    access = signed_in(anna).tokens.access
    for number in (5, 20):
        while Passkey.objects.count() < number:
            Passkey.objects.create(
                user=anna,
                name="Key",
                credential_id=bytes([Passkey.objects.count()]),
                public_key=b"",
                created_at=timezone.now(),
            )
        Api(access).get("auth/second-factor/status")
        with django_assert_num_queries(3):
            assert len(status(Api(access))["passkeys"]) == number
        with django_assert_num_queries(1):
            page = Api(access).get("auth/second-factor/passkeys").json()
        assert (len(page["results"]), page["next"]) == (number, None)


@pytest.mark.django_db(transaction=True)
def test_an_app_that_is_begun_anew_while_it_is_confirmed_is_not_taken_unseen(anna):
    code = pyotp.TOTP(begin_app(user=anna, password=PASSWORD).secret).now()
    other = UserFactory()
    begin_app(user=other, password=PASSWORD)
    renewed = bytes(AuthenticatorApp.objects.get(user=other).sealed_secret)

    def confirm():
        try:
            confirm_app(user=anna, code=code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool, another_connection() as beginning, another_connection() as looking:
        with beginning.transaction():
            beginning.execute("UPDATE authenticator_apps SET sealed_secret = %s WHERE user_id = %s", [renewed, anna.pk])
            confirmed = pool.submit(confirm)
            while looking.execute(WAITING).fetchone() == (0,):
                assert not confirmed.done()
        with pytest.raises(InvalidError):
            confirmed.result(timeout=20)
    assert not AuthenticatorApp.objects.filter(is_confirmed=True).exists()

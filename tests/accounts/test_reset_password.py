import threading

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.mail_tokens import MailTokenKind, write_mail_token
from accounts.models import AuthenticatorApp, User
from chat_project.core.db.cuid import new_cuid
from moderation.models import AuditLog
from tests.accounts.clients import Api, Browser, signed_in
from tests.accounts.mailbox import received, subjects, token_for
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEW = "a long walk home"


@pytest.fixture
def anna():
    return UserFactory(username="anna", email="anna@example.org", is_verified=True)


def forgot(email="anna@example.org"):
    return Api().post("auth/password/forgot", {"email": email})


def reset(token, password=NEW):
    return Api().post("auth/password/reset", {"token": token, "password": password})


@pytest.fixture
def token(anna):
    forgot()
    return token_for("anna@example.org")


def is_refused(answer):
    return (answer.status_code, answer.json()["code"], set(answer.json()["errors"])) == (
        400,
        "invalid_token",
        {"token"},
    )


def test_a_forgotten_password_is_replaced_by_mail(anna, token):
    assert reset(token).status_code == 204
    assert Api().post("auth/login", {"login": "anna", "password": PASSWORD}).status_code == 401
    assert Api().post("auth/login", {"login": "anna", "password": NEW}).status_code == 200
    assert subjects("anna@example.org") == ["Your password for Chat was changed"]
    row = AuditLog.objects.get(action="password.reset")
    assert (row.actor_id, row.resource_id, row.details) == (anna.pk, anna.pk, {})


def test_a_reset_ends_every_session_and_signs_nobody_in(anna, token):
    browser, api = Browser(), Api.of(anna)
    browser.sign_in(anna)
    answer = reset(token)
    assert not answer.content
    assert not answer.cookies
    assert api.get("users/me").status_code == 401
    assert browser.get("/").status_code == 302
    assert User.objects.get().auth_version == 2


def test_a_refresh_token_from_before_is_dead(anna, token):
    refresh = signed_in(anna).tokens.refresh
    reset(token)
    assert Api().post("auth/refresh", {"refresh": refresh}).status_code == 401


def test_a_link_works_once_and_takes_the_others_with_it(anna, token):
    forgot()
    other = token_for("anna@example.org")
    assert reset(token).status_code == 204
    assert is_refused(reset(token))
    assert is_refused(reset(other))


def test_a_bad_password_does_not_use_the_link_up(token):
    for password in ("short", "x" * 129, "password123", "4815162342", "anna@example"):
        answer = reset(token, password)
        assert (answer.status_code, set(answer.json()["errors"])) == (400, {"password"})
    assert reset(token).status_code == 204


def test_a_link_ends_with_its_time(anna, settings):
    settings.RESET_LINK_SECONDS = 0
    forgot()
    assert is_refused(reset(token_for("anna@example.org")))


def test_a_link_dies_with_a_change_of_password_or_address(anna, token):
    User.objects.update(auth_version=2)
    assert is_refused(reset(token))
    User.objects.update(auth_version=1, email="other@example.org")
    assert is_refused(reset(token))


def test_a_closed_accounts_link_is_dead(token):
    User.objects.update(is_active=False)
    assert is_refused(reset(token))


@pytest.mark.parametrize("token", ["", "x", "f1.abcdef.c.1.x", None, 5, "é", "x" * 1025])
def test_what_is_no_token_is_refused(token):
    assert reset(token).status_code == 400


def test_forged_links_and_tokens_of_other_kinds_are_refused(anna, token, outsider):
    kind, key_id, subject, expiry, mac = token.split(".")
    pair = signed_in(anna).tokens
    forged = [
        ".".join((kind, key_id, outsider.pk, expiry, mac)),
        ".".join((kind, key_id, subject, str(int(expiry) + 1), mac)),
        ".".join(("e1", key_id, subject, expiry, mac)),
        pair.access,
        pair.refresh,
        write_mail_token(MailTokenKind.VERIFICATION, subject_id=anna.pk, state="1\nanna@example.org", seconds=60),
    ]
    for text in forged:
        assert is_refused(reset(text)), text
    assert check_password(PASSWORD, User.objects.get(pk=anna.pk).password)


def test_a_token_for_nobody_costs_what_a_forged_one_for_somebody_does(anna, hashes):
    costs, answers = [], []
    for subject_id in (anna.pk, new_cuid()):
        token = write_mail_token(MailTokenKind.RESET, subject_id=subject_id, state="forged", seconds=60)
        with CaptureQueriesContext(connection) as queries:
            answers.append(reset(token))
        costs.append(len(queries))
    assert is_refused(answers[0])
    assert answers[0].content == answers[1].content
    assert costs[0] == costs[1]
    assert not hashes


def test_a_reset_removes_no_factor_of_an_address_that_was_proven(anna, token):
    AuthenticatorApp.objects.create(user=anna, is_confirmed=True, sealed_secret=b"x")
    reset(token)
    assert AuthenticatorApp.objects.exists()


def test_a_reset_that_first_proves_the_address_ends_what_came_before(anna):
    User.objects.update(is_verified=False)
    AuthenticatorApp.objects.create(user=anna, is_confirmed=True, sealed_secret=b"x")
    Api().post("auth/email/resend", {"email": "anna@example.org"})
    verification = token_for("anna@example.org")
    forgot()
    assert reset(token_for("anna@example.org")).status_code == 204
    assert User.objects.get().is_verified
    assert not AuthenticatorApp.objects.exists()
    assert Api().post("auth/email/verify", {"token": verification}).status_code == 400


def test_who_guessed_too_often_and_then_resets_can_sign_in(anna, token):
    for _ in range(10):
        Api().post("auth/login", {"login": "anna", "password": "wrong"})
    assert reset(token).status_code == 204
    assert Api().post("auth/login", {"login": "anna", "password": NEW}).status_code == 200


@pytest.mark.parametrize("email", ["nobody@example.org", "not an address", "@", "é@example.org"])
def test_forgot_answers_everybody_alike(anna, email):
    known, other = forgot(), forgot(email)
    assert (known.status_code, other.status_code) == (202, 202)
    assert known.content == other.content
    assert len(received()) == 1


def test_forgot_finds_an_address_however_it_is_typed(anna):
    forgot("  ANNA@example.org ")
    assert len(received("anna@example.org")) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_resets_at_once_one_counts(token):
    answers, start = [], threading.Barrier(2)

    def use(password):
        start.wait(5)
        answers.append((reset(token, password).status_code, password))
        connection.close()

    threads = [threading.Thread(target=use, args=(f"a long walk home {number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    (won, password), (lost, _) = sorted(answers)
    assert (won, lost) == (204, 400)
    assert check_password(password, User.objects.get(username="anna").password)


def test_of_asking_too_often_one_is_told_whether_or_not_there_is_an_account(anna, settings):
    settings.MAIL_REQUESTS_PER_ADDRESS = 2
    for email in ("anna@example.org", "nobody@example.org"):
        answers = [forgot(email) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 429]
        assert 3500 < int(answers[-1]["Retry-After"]) <= 3601

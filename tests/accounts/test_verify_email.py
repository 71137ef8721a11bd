import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.mail_tokens import MailTokenKind, write_mail_token
from accounts.models import AuthenticatorApp, OutgoingMail, PendingEmail, User, UserSession
from accounts.services.email_verification import cleanup_pending_emails
from accounts.services.password_reset import request_password_reset
from chat_project.core.db.cuid import new_cuid
from moderation.models import AuditLog
from tests.accounts.clients import Api, signed_in
from tests.accounts.mailbox import received, subjects, token_for
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

ANNA = {"username": "anna", "email": "anna@example.org", "password": "a long walk home"}


@pytest.fixture
def registered(api):
    """Anna's API, as registering signed her in."""
    return Api(api.post("auth/register", ANNA).json()["access"])


def verify(token, api=None):
    return (api or Api()).post("auth/email/verify", {"token": token})


def is_refused(answer):
    return (answer.status_code, answer.json()["code"], set(answer.json()["errors"])) == (
        400,
        "invalid_token",
        {"token"},
    )


def test_registering_sends_a_link_that_proves_the_address(registered):
    assert registered.get("users/me").json()["is_verified"] is False
    assert verify(token_for("anna@example.org"), registered).status_code == 204
    assert registered.get("users/me").json()["is_verified"] is True
    assert not PendingEmail.objects.exists()
    assert AuditLog.objects.get(action="email.verified").details == {"changed": False}


def test_a_link_works_once(registered):
    token = token_for("anna@example.org")
    assert verify(token).status_code == 204
    assert is_refused(verify(token))


def test_the_first_proof_ends_the_sessions_and_factors_that_were_made_before_it(registered):
    anna = User.objects.get()
    AuthenticatorApp.objects.create(user=anna, is_confirmed=True, sealed_secret=b"x")
    assert verify(token_for("anna@example.org")).status_code == 204
    assert registered.get("users/me").status_code == 401
    assert UserSession.objects.get().revoke_reason == "email_proven"
    assert not AuthenticatorApp.objects.exists()


def test_the_session_that_uses_the_link_outlives_it(registered):
    other = Api.of(User.objects.get())
    assert verify(token_for("anna@example.org"), registered).status_code == 204
    assert registered.get("users/me").status_code == 200
    assert other.get("users/me").status_code == 401


def test_somebody_elses_session_does_not_make_the_accounts_own_outlive_it(registered, outsider):
    other = Api.of(outsider)
    assert verify(token_for("anna@example.org"), other).status_code == 204
    assert registered.get("users/me").status_code == 401
    assert other.get("users/me").status_code == 200


def test_a_later_proof_ends_no_session():
    anna = UserFactory(is_verified=True, email="anna@example.org")
    api = Api.of(anna)
    PendingEmail.objects.create(user=anna, email="new@example.org", expires_at=timezone.now() + timedelta(days=1))
    Api().post("auth/email/resend", {"email": "new@example.org"})
    assert verify(token_for("new@example.org")).status_code == 204
    assert api.get("users/me").json()["email"] == "new@example.org"


@pytest.mark.parametrize("token", ["", "x", "e1.abcdef.c.1.x", "e1." * 400, None, 5, "\ud800", "é"])
def test_what_is_no_token_is_refused(token):
    answer = verify(token)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_a_link_ends_with_its_time(registered, settings):
    settings.EMAIL_LINK_SECONDS = 0
    assert is_refused(verify(token_for("anna@example.org")))


def test_forged_links_are_refused(registered):
    kind, key_id, subject, expiry, mac = token_for("anna@example.org").split(".")
    forged = [
        (kind, key_id, new_cuid(), expiry, mac),
        (kind, key_id, subject, str(int(expiry) + 1), mac),
        (kind, "000000", subject, expiry, mac),
        (kind, key_id, subject, expiry, mac[:-1] + ("A" if mac[-1] != "A" else "B")),
        ("f1", key_id, subject, expiry, mac),
    ]
    for parts in forged:
        assert is_refused(verify(".".join(parts))), parts
    assert not User.objects.get().is_verified


def test_tokens_of_other_kinds_are_refused(registered):
    received()
    request_password_reset(email="anna@example.org")
    assert is_refused(verify(token_for("anna@example.org")))
    tokens = signed_in(User.objects.get()).tokens
    assert is_refused(verify(tokens.access))
    assert is_refused(verify(tokens.refresh))


def test_a_link_for_an_address_does_not_prove_another(registered):
    token = token_for("anna@example.org")
    PendingEmail.objects.update(email="victim@example.org")
    assert is_refused(verify(token))


def test_links_of_a_former_key_work_while_it_is_held(registered, settings):
    token = token_for("anna@example.org")
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key"
    assert is_refused(verify(token))
    settings.SECRET_KEY_FALLBACKS = [former]
    assert verify(token).status_code == 204


def test_a_closed_accounts_link_is_dead(registered):
    token = token_for("anna@example.org")
    User.objects.update(is_active=False)
    assert is_refused(verify(token))


def test_a_link_can_be_asked_for_again_and_both_work_till_one_is_used(registered):
    first = token_for("anna@example.org")
    assert Api().post("auth/email/resend", {"email": " Anna@Example.org "}).status_code == 202
    second = token_for("anna@example.org")
    assert verify(second).status_code == 204
    assert is_refused(verify(first))
    Api().post("auth/email/resend", {"email": "anna@example.org"})
    assert received() == []


def test_who_is_signed_in_need_not_name_the_address(registered):
    received()
    assert registered.post("auth/email/resend").status_code == 202
    assert len(received("anna@example.org")) == 1
    answer = Api().post("auth/email/resend", {})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_the_link_of_an_account_whose_row_was_cleaned_up_can_be_asked_for_again(registered):
    received()
    PendingEmail.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert cleanup_pending_emails() == 1
    Api().post("auth/email/resend", {"email": "anna@example.org"})
    assert verify(token_for("anna@example.org")).status_code == 204


def test_a_token_for_nobody_costs_what_a_forged_one_for_somebody_does(registered):
    received()
    costs, answers = [], []
    for subject_id in (PendingEmail.objects.get().id, new_cuid()):
        token = write_mail_token(MailTokenKind.VERIFICATION, subject_id=subject_id, state="forged", seconds=60)
        with CaptureQueriesContext(connection) as queries:
            answers.append(verify(token))
        costs.append(len(queries))
    assert is_refused(answers[0])
    assert answers[0].content == answers[1].content
    assert costs[0] == costs[1]


def test_no_mail_that_waits_holds_a_token(registered):
    (mail,) = OutgoingMail.objects.all()
    assert mail.context == {}


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_at_once_one_counts(registered):
    token, answers, start = token_for("anna@example.org"), [], threading.Barrier(2)

    def use():
        start.wait(5)
        answers.append(verify(token))
        connection.close()

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answer.status_code for answer in answers) == [204, 400]
    assert AuditLog.objects.filter(action="email.verified", resource_id=User.objects.get().pk).count() == 1


def test_of_asking_too_often_one_is_told(settings):
    settings.MAIL_REQUESTS_PER_ADDRESS = 2
    settings.MAIL_REQUESTS_PER_CLIENT = 3
    statuses = [
        Api().post("auth/email/resend", {"email": email}).status_code
        for email in ("a@example.org", "A@example.org", "a@example.org", "b@example.org")
    ]
    assert statuses == [202, 202, 429, 429]
    assert subjects() == []

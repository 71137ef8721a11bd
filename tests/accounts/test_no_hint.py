"""That no answer, and no work behind it, tells whether there is an account."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.challenges import ChallengeKind, new_challenge
from accounts.mail_tokens import MailTokenKind, write_mail_token
from accounts.models import OutgoingMail, User
from chat_project.core.db.cuid import new_cuid
from moderation.models import AuditLog
from tests.accounts.clients import Api
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def login(user):
    return "auth/login", {"login": user.username, "password": "a wrong password"}


def login_by_email(user):
    return "auth/login", {"login": user.email, "password": "a wrong password"}


def forgot(user):
    return "auth/password/forgot", {"email": user.email}


def resend(user):
    return "auth/email/resend", {"email": user.email}


def reset(user):
    token = write_mail_token(MailTokenKind.RESET, subject_id=user.pk, state="forged", seconds=60)
    return "auth/password/reset", {"token": token, "password": "a long walk home"}


def verify(user):
    token = write_mail_token(MailTokenKind.VERIFICATION, subject_id=user.pk, state="forged", seconds=60)
    return "auth/email/verify", {"token": token}


def second_factor(user):
    _, token = new_challenge(ChallengeKind.SECOND_FACTOR, user_id=user.pk, auth_version=7)
    return "auth/second-factor", {"token": token, "code": "123456"}


def suspended():
    return UserFactory(is_suspended=True)


def proven():
    return UserFactory(is_verified=True)


def closed():
    return UserFactory(is_active=False)


@pytest.mark.parametrize("known", [UserFactory, suspended, proven, closed])
@pytest.mark.parametrize("call", [login, login_by_email, forgot, resend, reset, verify, second_factor])
def test_answer_and_work_are_the_same_for_who_is_here_and_who_is_not(call, known, hashes):
    stranger = User(pk=new_cuid(), username="nobody", email="nobody@example.org")
    seen = []
    for user in (known(), stranger):
        hashes.clear()
        path, body = call(user)
        mails, rows = OutgoingMail.objects.count(), AuditLog.objects.count()
        with CaptureQueriesContext(connection) as queries:
            answer = Api().post(path, body)
        headers = {name: value for name, value in answer.items() if name != "X-Request-Id"}
        written = (OutgoingMail.objects.count() - mails, AuditLog.objects.count() - rows)
        seen.append((answer.status_code, answer.content, headers, len(hashes), len(queries), written))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("call", [login, login_by_email, forgot, resend])
def test_limits_hold_for_who_is_here_and_who_is_not_alike(call):
    stranger = User(pk=new_cuid(), username="nobody", email="nobody@example.org")
    seen = []
    for user in (UserFactory(), stranger):
        path, body = call(user)
        seen.append([Api().post(path, body).status_code for _ in range(11)])
    assert seen[0] == seen[1]
    assert seen[0][-1] == 429

import re
import socket
import time
from datetime import timedelta
from email import message_from_bytes, policy
from smtplib import SMTPException

import pytest
from celery import Celery
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.mails import send_mail_later
from accounts.models import OutgoingMail, User
from accounts.services.mailing import cleanup_mails, deliver_due_mails, deliver_mail
from chat_project.celery import app as celery
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

KINDS = ["verify_email", "reset_password", "password_changed", "email_change_asked", "email_changed"]


@pytest.fixture
def anna():
    return UserFactory(username="anna", email="anna@example.org", display_name="Anna <b>K.</b>")


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_has_a_subject_a_text_and_html_that_say_the_same(anna, kind, settings):
    settings.SITE_NAME = "Tea & Talk"
    send_mail_later(kind=kind, user_id=anna.pk)
    assert deliver_due_mails() == 1
    (message,) = django_mail.outbox
    assert message.to == ["anna@example.org"]
    assert message.subject
    assert "\n" not in message.subject
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    ((html, media_type),) = message.alternatives
    assert media_type == "text/html"
    assert "@anna" in message.body
    assert "@anna" in html
    links = set(re.findall(r"http://localhost:8000/\S+/", message.body))
    assert all(link in html for link in links)
    # Markup in one, plain text in the other.
    assert "Tea & Talk" in message.body
    assert "&amp;" not in message.body
    assert "Tea &amp; Talk" in html
    assert "{" not in message.body


def test_a_mail_waits_for_the_commit_and_goes_with_a_rollback(anna, django_capture_on_commit_callbacks, monkeypatch):
    told = []
    monkeypatch.setattr(celery, "send_task", lambda name, args, **options: told.append((name, args)))
    with django_capture_on_commit_callbacks(execute=True):
        send_mail_later(kind="password_changed", user_id=anna.pk)
        assert not told
    assert told == [("accounts.tasks.send_mail", [OutgoingMail.objects.get().id])]
    with pytest.raises(RuntimeError), transaction.atomic():
        send_mail_later(kind="password_changed", user_id=anna.pk)
        raise RuntimeError
    assert OutgoingMail.objects.count() == 1


def test_a_broker_that_is_down_fails_nothing_and_the_clock_sends_it(
    anna, django_capture_on_commit_callbacks, monkeypatch, caplog
):
    def refuse(*_args, **_options):
        raise OperationalError

    monkeypatch.setattr(celery, "send_task", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        send_mail_later(kind="password_changed", user_id=anna.pk)
    assert "waits for the clock" in caplog.text
    assert deliver_due_mails() == 1
    assert not OutgoingMail.objects.exists()


@pytest.fixture(params=["gone", "hanging"])
def _broker_down(request, tmp_path):
    """Tasks go to a broker that is not there, or never answers, under the server's options."""
    path = tmp_path / "valkey.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        if request.param == "hanging":
            listener.bind(str(path))
            listener.listen()
        elsewhere = Celery("elsewhere", broker=f"redis+socket://{path}?virtual_host=1")
        elsewhere.conf.broker_transport_options = celery.conf.broker_transport_options
        yield
        elsewhere.close()
        celery.set_current()


@pytest.mark.usefixtures("_broker_down")
def test_nobody_waits_for_a_broker_that_is_down(anna, django_capture_on_commit_callbacks, caplog):
    began = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        send_mail_later(kind="password_changed", user_id=anna.pk)
    assert time.monotonic() - began < 5
    assert "waits for the clock" in caplog.text


def test_a_mail_goes_to_the_address_that_is_named_before_the_persons_own(anna):
    send_mail_later(kind="email_changed", user_id=anna.pk, address="former@example.org")
    deliver_due_mails()
    assert [message.to for message in django_mail.outbox] == [["former@example.org"]]


def test_mails_for_nobody_are_dropped(anna):
    User.objects.update(is_active=False)
    for kind in KINDS[:2]:
        send_mail_later(kind=kind, user_id=anna.pk)
        send_mail_later(kind=kind)
    assert deliver_due_mails() == 0
    assert not OutgoingMail.objects.exists()
    assert not django_mail.outbox


def test_what_fails_is_tried_again_after_longer_and_longer_pauses(anna, monkeypatch, caplog):
    def fail(*_args):
        raise SMTPException("anna@example.org is not known here")

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    send_mail_later(kind="password_changed", user_id=anna.pk)
    pauses = []
    for _ in range(3):
        OutgoingMail.objects.update(due_at=timezone.now())
        before = timezone.now()
        assert deliver_due_mails() == 0
        pauses.append(round((OutgoingMail.objects.get().due_at - before).total_seconds() / 60))
    assert pauses == [1, 2, 4]
    assert deliver_due_mails() == 0
    assert "anna@example.org" not in caplog.text
    monkeypatch.undo()
    OutgoingMail.objects.update(due_at=timezone.now())
    assert deliver_due_mails() == 1


def test_a_mail_that_somebody_is_sending_is_left_alone(anna, monkeypatch):
    send_mail_later(kind="password_changed", user_id=anna.pk)
    mail_id = OutgoingMail.objects.get().id
    send = EmailBackend.send_messages

    def send_while_another_tries(self, messages):
        assert not deliver_mail(mail_id=mail_id)
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send_while_another_tries)
    assert deliver_mail(mail_id=mail_id)
    assert len(django_mail.outbox) == 1
    assert not deliver_mail(mail_id=mail_id)


def test_mails_that_could_not_be_sent_for_days_are_given_up(anna):
    for kind in KINDS[:2]:
        send_mail_later(kind=kind, user_id=anna.pk)
    OutgoingMail.objects.filter(kind=KINDS[0]).update(created_at=timezone.now() - timedelta(days=2, seconds=1))
    assert cleanup_mails() == 1
    assert OutgoingMail.objects.get().kind == KINDS[1]


def test_mail_into_files_is_for_this_user_alone_and_its_path_goes_to_the_log(anna, settings, tmp_path, caplog):
    settings.EMAIL_BACKEND = "chat_project.core.mail.FileMailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    send_mail_later(kind="verify_email", user_id=anna.pk)
    with caplog.at_level("INFO"):
        assert deliver_due_mails() == 1
    (path,) = (tmp_path / "mail").iterdir()
    assert str(path) in caplog.text
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["To"] == "anna@example.org"
    assert re.search(r"^http://localhost:8000/verify/\S+/$", message.get_body(("plain",)).get_content(), re.MULTILINE)
    assert "/verify/" not in caplog.text

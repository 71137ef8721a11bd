from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import OutgoingMail, User, UserSession
from accounts.services.mailing import deliver_due_mails
from moderation.models import AuditLog
from tests.accounts.clients import Api
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


@pytest.fixture
def anna():
    """Somebody who has used her laptop at home."""
    anna = UserFactory(username="anna")
    sign_in()
    return anna


def sign_in(agent=FIREFOX, address="192.0.2.10"):
    answer = Api(HTTP_USER_AGENT=agent, REMOTE_ADDR=address).post("auth/login", {"login": "anna", "password": PASSWORD})
    assert answer.status_code == 200
    return answer.json()["session"]


def mails():
    return OutgoingMail.objects.filter(kind="new_device")


def test_a_new_accounts_first_device_is_no_news(anna):
    assert not mails().exists()


def test_an_old_account_that_remembers_no_device_hears_of_the_next():
    UserFactory(username="anna")
    User.objects.update(created_at=timezone.now() - timedelta(days=300))
    sign_in()
    assert mails().count() == 1


@pytest.mark.parametrize(
    ("agent", "address"),
    [
        (FIREFOX, "192.0.2.200"),
        (FIREFOX.replace("130", "131"), "192.0.2.10"),
    ],
    ids=["another address of the network", "an update of the program"],
)
def test_the_same_kind_of_device_in_the_same_network_is_known(anna, agent, address):
    sign_in(agent, address)
    assert not mails().exists()


@pytest.mark.parametrize(
    ("agent", "address"),
    [(IPHONE, "192.0.2.10"), (FIREFOX, "198.51.100.10"), ("", "192.0.2.10")],
    ids=["another device", "another network", "a program that says nothing"],
)
def test_another_device_or_network_is_news_once(anna, agent, address):
    sign_in(agent, address)
    sign_in(agent, address)
    assert mails().get().user_id == anna.pk


def test_addresses_of_ipv6_are_known_by_their_network(anna):
    sign_in(address="2001:db8:1:100::1")
    sign_in(address="2001:db8:1:1ff:a:b:c:d")
    assert mails().count() == 1
    sign_in(address="2001:db8:1:200::1")
    assert mails().count() == 2


def test_a_device_is_known_after_its_session_ended(anna):
    UserSession.objects.update(revoked_at=timezone.now())
    sign_in()
    assert not mails().exists()


def test_somebody_elses_devices_make_none_known(anna):
    berta = UserFactory(username="berta")
    Api(HTTP_USER_AGENT=IPHONE).post("auth/login", {"login": "berta", "password": PASSWORD})
    sign_in(IPHONE, "127.0.0.1")
    assert mails().get().user_id == anna.pk
    assert berta.pk != anna.pk


def test_the_mail_says_what_device_it_was_and_where(anna, settings):
    sign_in(IPHONE, "198.51.100.10")
    assert deliver_due_mails() == 1
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["anna@example.org"], "New sign-in to Chat")
    for text in (message.body, message.alternatives[0].content):
        for word in ("@anna", "Safari on iOS", "198.51.100.10", "UTC", f"{settings.SITE_URL}/settings/devices"):
            assert word in text, word


def test_the_mail_holds_no_word_of_who_signed_in(anna):
    body = {"login": "anna", "password": PASSWORD, "device_name": "Call 555 to keep your account"}
    assert Api(HTTP_USER_AGENT=IPHONE).post("auth/login", body).status_code == 200
    deliver_due_mails()
    assert "555" not in mail.outbox[0].body


def test_the_news_stands_in_the_audit_log(anna):
    session = sign_in(IPHONE, "198.51.100.10")
    row = AuditLog.objects.get(action="session.new_device")
    assert (row.actor_id, row.resource_id, row.ip_address, row.details) == (
        anna.pk,
        session["id"],
        "198.51.100.10",
        {},
    )

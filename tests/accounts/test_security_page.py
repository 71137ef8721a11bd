import json
import re

import pyotp
import pytest

from accounts.models import AuthenticatorApp, Passkey, RecoveryCode
from accounts.selectors.second_factors import get_second_factors
from tests.accounts.authenticator import Authenticator
from tests.accounts.clients import Browser
from tests.accounts.factors import App, add_key
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/settings/security"
CODE = re.compile(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</code>")


@pytest.fixture
def anna():
    return UserFactory(username="anna", is_staff=True, is_superuser=True)


@pytest.fixture
def browser(anna):
    browser = Browser()
    browser.sign_in(anna)
    return browser


def post(browser, path, **fields):
    return browser.post(PAGE + path, {**fields, "csrfmiddlewaretoken": browser.csrf_token}, follow=True)


def page(browser):
    return browser.get(PAGE).content.decode()


def test_an_app_is_set_up_without_a_script(anna, browser):
    shown = post(browser, "/app", password=PASSWORD).content.decode()
    assert 'src="data:image/svg+xml;' in shown
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", shown)[1]
    assert b"This is not the app" in post(browser, "/app/confirm", code="12345").content
    codes = CODE.findall(post(browser, "/app/confirm", code=pyotp.TOTP(secret).now()).content.decode())
    assert len(set(codes)) == 10
    assert get_second_factors(user_id=anna.pk).is_on
    assert not any(code in page(browser) for code in codes)
    assert browser.get(f"{PAGE}/app")["Location"] == PAGE


@pytest.mark.parametrize("path", ["/app", "/app/remove", "/recovery-codes", "/passkeys", "/passkeys/{}/remove"])
def test_each_form_asks_for_the_password_and_says_when_it_is_wrong(anna, browser, path):
    App(anna)
    add_key(anna)
    before = get_second_factors(user_id=anna.pk)
    answer = post(browser, path.format(before.passkeys[0].id), password="a long walk home", name="Key")
    assert b"This is not your password." in answer.content
    after = get_second_factors(user_id=anna.pk)
    assert (after.app_since, after.passkeys, after.recovery_codes_since) == (
        before.app_since,
        before.passkeys,
        before.recovery_codes_since,
    )


def test_the_app_is_removed(anna, browser):
    App(anna)
    assert b"The authenticator app is removed." in post(browser, "/app/remove", password=PASSWORD).content
    assert not AuthenticatorApp.objects.exists()


def test_new_recovery_codes_are_shown_once(anna, browser):
    app = App(anna)
    codes = CODE.findall(post(browser, "/recovery-codes", password=PASSWORD).content.decode())
    assert len(codes) == 10
    assert not set(codes) & set(app.recovery_codes)
    assert "10 codes are left" in page(browser)
    assert RecoveryCode.objects.count() == 10


def test_a_passkey_is_added_renamed_and_removed(anna, browser):
    device = Authenticator()
    shown = post(browser, "/passkeys", password=PASSWORD, name="Laptop").content.decode()
    options = json.loads(shown.partition('type="application/json">')[2].partition("<")[0])
    token = re.search(r'name="token" value="([^"]+)"', shown)[1]
    given = {"token": token, "name": "Laptop", "credential": json.dumps(device.create(options))}
    assert len(CODE.findall(post(browser, "/passkeys/add", **given).content.decode())) == 10
    passkey = Passkey.objects.get()
    assert b"Blue key" in post(browser, f"/passkeys/{passkey.id}/rename", name="Blue key").content
    assert b"Give 1 to 64 characters." in post(browser, f"/passkeys/{passkey.id}/rename", name="").content
    assert b"The passkey is removed." in post(browser, f"/passkeys/{passkey.id}/remove", password=PASSWORD).content
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("credential", ["", "[]", "{", "{}", '{"id": "AAAA"}'])
def test_a_passkey_without_its_answer_is_refused(browser, credential):
    shown = post(browser, "/passkeys", password=PASSWORD, name="Laptop").content.decode()
    token = re.search(r'name="token" value="([^"]+)"', shown)[1]
    answer = post(browser, "/passkeys/add", token=token, name="Laptop", credential=credential)
    assert answer.status_code == 400
    assert b"notice-error" in answer.content


def test_other_peoples_passkeys_are_not_there(browser):
    add_key(UserFactory())
    passkey = Passkey.objects.get()
    for path in ("rename", "remove"):
        answer = post(browser, f"/passkeys/{passkey.id}/{path}", name="x", password=PASSWORD)
        assert answer.status_code == 404


def test_too_many_wrong_passwords_are_answered_with_the_time_to_wait(browser):
    statuses = [post(browser, "/app", password="wrong").status_code for _ in range(11)]
    assert statuses == [400] * 10 + [429]


def test_staff_without_a_factor_are_led_to_set_one_up(anna, browser, settings):
    assert browser.get("/admin/").status_code == 200
    settings.STAFF_SECOND_FACTOR = True
    answer = browser.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == PAGE
    assert b"Set up a second factor first" in answer.content
    shown = post(browser, "/app", password=PASSWORD).content.decode()
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", shown)[1]
    post(browser, "/app/confirm", code=pyotp.TOTP(secret).now())
    assert browser.get("/admin/").status_code == 200


def test_the_admins_own_password_page_is_ours(browser):
    assert browser.get("/admin/password_change/")["Location"] == "/settings/sign-in"


def test_the_pages_are_for_who_is_signed_in():
    for path in ("", "/app"):
        assert Browser().get(PAGE + path)["Location"] == f"/login/?next={PAGE}{path}"

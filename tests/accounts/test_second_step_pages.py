import json

import pytest
from django.conf import settings as django_settings

from accounts.models import OutgoingMail, UserSession
from tests.accounts.clients import Browser
from tests.accounts.factors import App, add_key
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

STEP = "/login/second-step/"


@pytest.fixture
def anna():
    return UserFactory(username="anna", is_staff=True, is_superuser=True)


@pytest.fixture
def app(anna):
    return App(anna)


def is_signed_in(browser):
    return browser.get("/login/").status_code == 302


def post(browser, path, **fields):
    return browser.post(path, {**fields, "csrfmiddlewaretoken": browser.csrf_token})


def test_the_password_leads_to_the_second_step_and_the_code_further(browser, anna, app):
    answer = browser.sign_in(anna, next="/settings/devices")
    assert (answer.status_code, answer["Location"]) == (302, f"{STEP}?next=%2Fsettings%2Fdevices")
    assert not UserSession.objects.exists()
    page = browser.get(answer["Location"])
    assert b"@anna" in page.content
    assert page["Cache-Control"].endswith("no-store, must-revalidate, private")
    answer = post(browser, STEP, code=app.code(), next="/settings/devices")
    assert (answer.status_code, answer["Location"]) == (302, "/settings/devices")
    assert is_signed_in(browser)


def test_no_token_stands_in_an_address_or_on_the_page(browser, anna, app):
    answer = browser.sign_in(anna)
    token = browser.session["second_step"]
    assert token not in answer["Location"]
    assert token.encode() not in browser.get(STEP).content


def test_a_recovery_code_works_without_a_script(browser, anna, app):
    browser.sign_in(anna)
    assert post(browser, STEP, recovery_code=app.recovery_codes[0])["Location"] == "/"
    assert is_signed_in(browser)


def test_a_wrong_code_is_said_beside_the_form(browser, anna, app):
    browser.sign_in(anna)
    for fields in ({"code": "12345"}, {"recovery_code": "x"}, {"code": ""}, {"credential": "{}"}, {}):
        answer = post(browser, STEP, **fields)
        assert answer.status_code == 400, fields
        assert b'role="alert"' in answer.content or b"errorlist" in answer.content
    assert post(browser, STEP, credential="no json").status_code == 400
    assert not is_signed_in(browser)


def test_too_many_tries_are_said_with_the_time_to_wait(browser, anna, app):
    browser.sign_in(anna)
    statuses = [post(browser, STEP, code="12345").status_code for _ in range(6)]
    assert statuses == [400] * 5 + [429]


def test_without_a_password_before_there_is_no_second_step(browser):
    for answer in (browser.get(f"{STEP}?next=/a"), browser.fill_in(STEP, code="123456", next="/a")):
        assert (answer.status_code, answer["Location"]) == (302, "/login/?next=%2Fa")


def test_who_took_too_long_begins_anew(browser, anna, app, monkeypatch):
    monkeypatch.setattr("accounts.challenges.LIFE_SECONDS", -1)
    browser.sign_in(anna)
    answer = browser.get(STEP)
    assert b"This took too long. Sign in again." in answer.content
    assert browser.get(STEP)["Location"] == "/login/?next=%2F"


def test_a_passkey_signs_a_browser_in(browser, anna):
    device = add_key(anna)
    browser.get("/login/")
    question = browser.post("/api/v1/auth/passkey/begin", content_type="application/json").json()
    credential = json.dumps(device.get(question["options"]))
    answer = post(browser, "/login/passkey/", token=question["token"], credential=credential, next="/a")
    assert (answer.status_code, answer["Location"]) == (302, "/a")
    assert is_signed_in(browser)
    again = post(another_browser(), "/login/passkey/", token=question["token"], credential=credential)
    assert (again.status_code, b"This passkey is not known here." in again.content) == (400, True)


def another_browser():
    other = Browser()
    other.get("/login/")
    return other


@pytest.mark.parametrize("fields", [{}, {"token": "x"}, {"token": "x", "credential": "["}, {"credential": "[]"}])
def test_a_passkey_form_without_an_answer_is_refused(browser, fields):
    answer = browser.fill_in("/login/passkey/", **fields)
    assert answer.status_code == 400


def test_a_passkey_is_a_second_step(browser, anna):
    device = add_key(anna)
    browser.sign_in(anna)
    page = browser.get(STEP).content.decode()
    options = json.loads(page.partition('<script id="passkey-options" type="application/json">')[2].partition("<")[0])
    answer = post(browser, STEP, credential=json.dumps(device.get(options)))
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_browser_is_known_by_its_cookie_wherever_it_is(anna):
    browser = Browser()
    browser.sign_in(anna)
    cookie = browser.cookies[django_settings.DEVICE_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    browser.fill_in("/logout/")
    browser.defaults["REMOTE_ADDR"] = "198.51.100.7"
    browser.sign_in(anna)
    assert browser.cookies[django_settings.DEVICE_COOKIE_NAME].value == cookie.value
    assert not OutgoingMail.objects.exists()
    Browser(REMOTE_ADDR="203.0.113.5").sign_in(anna)
    assert OutgoingMail.objects.get().kind == "new_device"


def test_a_browsers_cookie_is_not_kept_as_it_is(browser, anna):
    browser.sign_in(anna)
    key = UserSession.objects.get().device_key
    assert len(key) == 64
    assert browser.cookies[django_settings.DEVICE_COOKIE_NAME].value not in key


def test_another_text_in_the_cookie_is_replaced(anna):
    browser = Browser()
    browser.cookies[django_settings.DEVICE_COOKIE_NAME] = "x" * 5000
    browser.sign_in(anna)
    assert len(browser.cookies[django_settings.DEVICE_COOKIE_NAME].value) == 32


def in_half_an_hour(browser):
    session = browser.session
    session["password_given_at"] -= 1801
    session.save()


def test_the_admin_asks_for_the_password_each_half_hour(browser, anna):
    browser.sign_in(anna)
    assert browser.get("/admin/").status_code == 200
    in_half_an_hour(browser)
    answer = browser.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/login/again/?next=%2Fadmin%2F"
    assert post(browser, "/login/again/", password="wrong").status_code == 400
    assert browser.get("/admin/").status_code == 302
    answer = post(browser, "/login/again/", password=PASSWORD, next="/admin/")
    assert answer["Location"] == "/admin/"
    assert browser.get("/admin/").status_code == 200


def test_a_session_from_before_the_factor_shows_it_once_for_the_admin(browser, anna):
    browser.sign_in(anna)
    app = App(anna)
    answer = browser.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/login/again/?next=%2Fadmin%2F"
    answer = post(browser, "/login/again/", password=PASSWORD, next="/admin/")
    assert answer["Location"] == f"{STEP}?next=%2Fadmin%2F"
    before = UserSession.objects.get().id
    assert post(browser, STEP, code=app.code(), next="/admin/")["Location"] == "/admin/"
    assert browser.get("/admin/").status_code == 200
    assert UserSession.objects.get().id == before


def test_a_passkey_alone_does_not_open_the_admin(browser, anna):
    device = add_key(anna)
    browser.get("/login/")
    question = browser.post("/api/v1/auth/passkey/begin", content_type="application/json").json()
    post(browser, "/login/passkey/", token=question["token"], credential=json.dumps(device.get(question["options"])))
    assert browser.get("/admin/", follow=True).redirect_chain[-1][0] == "/login/again/?next=%2Fadmin%2F"
    assert post(browser, "/login/again/", password=PASSWORD, next="/admin/")["Location"] == "/admin/"
    assert browser.get("/admin/").status_code == 200


def test_giving_the_password_again_is_for_who_is_signed_in(browser, anna):
    assert browser.get("/login/again/?next=/admin/")["Location"] == "/login/?next=%2Fadmin%2F"


def test_the_password_given_again_counts_as_every_other_try(browser, anna):
    browser.sign_in(anna)
    statuses = [post(browser, "/login/again/", password="wrong").status_code for _ in range(11)]
    assert statuses == [400] * 10 + [429]
    assert is_signed_in(browser)


def test_old_sessions_without_a_note_of_the_password_are_asked_for_it(browser, anna):
    browser.sign_in(anna)
    session = browser.session
    del session["password_given_at"]
    session.save()
    assert browser.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("password", {"current": PASSWORD, "password": "another long word"}),
        ("email", {"password": PASSWORD, "email": "new@example.org"}),
    ],
)
def test_the_password_given_in_the_settings_opens_the_admin_too(browser, anna, form, fields):
    browser.sign_in(anna)
    in_half_an_hour(browser)
    refused = {**fields, "current": "wrong"} if form == "password" else {**fields, "password": "wrong"}
    assert post(browser, f"/settings/sign-in/{form}", **refused).status_code == 400
    assert browser.get("/admin/").status_code == 302
    assert post(browser, f"/settings/sign-in/{form}", **fields).status_code == 302
    assert browser.get("/admin/").status_code == 200

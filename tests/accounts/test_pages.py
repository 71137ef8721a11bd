from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from accounts.models import User, UserSession
from accounts.services.sessions import end_all_sessions
from tests.accounts.clients import Browser
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

ANNA = {"username": "anna", "email": "anna@example.org", "password": "a long walk home"}


@pytest.fixture
def anna():
    return UserFactory(username="anna")


def is_signed_in(browser):
    """Tell whether the sign-in page sends the browser on."""
    return browser.get("/login/").status_code == 302


def session_cookie(browser):
    return browser.cookies[django_settings.SESSION_COOKIE_NAME]


def test_signing_in_leads_to_the_start_page(browser, anna):
    answer = browser.sign_in(anna)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_signed_in(browser)
    cookie = session_cookie(browser)
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_a_browser_sign_in_makes_a_session_row_named_after_the_browser(anna):
    agent = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
    Browser(HTTP_USER_AGENT=agent).sign_in(anna)
    session = UserSession.objects.get()
    assert (session.device_name, session.platform, session.ip_address) == ("Chrome on Windows", "Windows", "127.0.0.1")


@pytest.mark.parametrize("path", ["/settings/devices", "/c/abc?x=1#y", "/"])
def test_one_goes_on_to_where_one_wanted(browser, anna, path):
    assert browser.sign_in(anna, next=path)["Location"] == path


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/a\nb",
        "/\t/evil.example",
        "x",
        "",
    ],
)
def test_other_sites_are_no_way_on(browser, anna, path):
    assert browser.sign_in(anna, next=path)["Location"] == "/"
    assert browser.get("/login/", {"next": path})["Location"] == "/"


def test_the_way_on_outlives_a_mistake(browser, anna):
    answer = browser.sign_in(anna, "wrong password", next="/settings/devices")
    assert answer.status_code == 400
    assert b'name="next" value="/settings/devices"' in answer.content
    assert b"The name or the password is wrong." in answer.content
    assert b"wrong password" not in answer.content


def test_signing_in_changes_the_session_key_and_keeps_nothing_of_who_was_there(browser, anna):
    browser.sign_in(UserFactory(username="berta"))
    before = session_cookie(browser).value
    browser.post("/login/", {"login": "anna", "password": PASSWORD, "csrfmiddlewaretoken": browser.csrf_token})
    assert session_cookie(browser).value != before
    ended = UserSession.objects.exclude(revoked_at=None).get()
    assert ended.user.username == "berta"


def test_the_form_wants_its_csrf_token(anna):
    browser = Browser()
    answer = browser.post("/login/", {"login": "anna", "password": PASSWORD})
    assert answer.status_code == 403
    assert not UserSession.objects.exists()


def test_the_page_says_politely_when_there_were_too_many_attempts(browser, anna):
    for _ in range(10):
        browser.sign_in(anna, "wrong")
    answer = browser.sign_in(anna)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert b"Try again in 15 minutes." in answer.content


def test_a_suspended_person_is_told_so(browser, anna):
    User.objects.update(is_suspended=True)
    answer = browser.sign_in(anna)
    assert answer.status_code == 403
    assert b"This account is suspended." in answer.content


def test_a_form_with_a_null_byte_is_refused_in_words(browser, anna):
    answer = browser.fill_in("/login/", login="anna\x00", password=PASSWORD)
    assert answer.status_code == 400
    assert b"Null characters are not allowed." in answer.content


def test_registering_signs_in(browser):
    answer = browser.fill_in("/register/", **ANNA, display_name="Anna K.", next="/new/")
    assert (answer.status_code, answer["Location"]) == (302, "/new/")
    assert User.objects.get().display_name == "Anna K."
    assert is_signed_in(browser)


def test_registration_errors_stand_beside_their_fields_and_what_was_typed_stays(browser, anna):
    answer = browser.fill_in("/register/", **{**ANNA, "password": "short"}, display_name="Anna K.")
    form = answer.context["form"]
    assert answer.status_code == 400
    assert set(form.errors) == {"password"}
    assert b'value="Anna K."' in answer.content
    assert b'value="short"' not in answer.content
    assert not UserSession.objects.exists()


def test_a_closed_server_shows_no_form(browser, settings):
    settings.REGISTRATION = "closed"
    assert b"This server takes no new accounts." in browser.get("/register/").content
    assert b"/register/" not in browser.get("/login/").content
    assert browser.fill_in("/register/", **ANNA).status_code == 403
    assert not User.objects.exists()


def test_signing_out_ends_the_session_and_clears_the_browser(browser, anna):
    browser.sign_in(anna)
    answer = browser.fill_in("/logout/")
    assert (answer.status_code, answer["Location"]) == (302, "/login/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert UserSession.objects.get().revoke_reason == "signed_out"
    assert not is_signed_in(browser)


def test_signing_out_wants_a_post_with_its_token(browser, anna):
    browser.sign_in(anna)
    assert browser.get("/logout/").status_code == 405
    assert browser.post("/logout/").status_code == 403
    assert is_signed_in(browser)


def test_a_stolen_cookie_is_worthless_after_signing_out(browser, anna):
    browser.sign_in(anna)
    thief = Client()
    thief.cookies[django_settings.SESSION_COOKIE_NAME] = session_cookie(browser).value
    assert is_signed_in(thief)
    browser.fill_in("/logout/")
    assert not is_signed_in(thief)


@pytest.mark.parametrize(
    "change",
    [
        {"is_suspended": True},
        {"is_active": False},
        {"auth_version": 2},
    ],
)
def test_who_no_longer_stands_for_their_session_is_nobody(browser, anna, change):
    browser.sign_in(anna)
    User.objects.update(**change)
    assert not is_signed_in(browser)
    assert session_cookie(browser)["max-age"] == 0


def test_sessions_ended_elsewhere_and_expired_ones_are_flushed(browser, anna):
    browser.sign_in(anna)
    assert is_signed_in(browser)
    end_all_sessions(user_id=anna.pk, reason="revoked")
    assert not is_signed_in(browser)
    assert "_auth_user_id" not in browser.session
    browser.sign_in(anna)
    UserSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not is_signed_in(browser)


def test_a_django_session_without_a_row_is_nobody(anna):
    browser = Client()
    browser.force_login(anna, backend="accounts.backends.LoginBackend")
    assert not is_signed_in(browser)


def test_pages_are_not_stored(browser):
    for path in ("/login/", "/register/"):
        assert "no-store" in browser.get(path)["Cache-Control"]


def test_a_page_that_asks_nobody_who_they_are_does_not_read_the_session(browser, anna):
    browser.sign_in(anna)
    answer = browser.get("/healthz")
    assert "Cookie" not in answer.get("Vary", "")
    assert not answer.cookies


def test_the_admin_is_entered_through_our_own_page(browser, anna):
    answer = browser.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/login/?next=")
    assert browser.sign_in(anna, next="/admin/")["Location"] == "/admin/"
    assert browser.get("/admin/", follow=True).status_code == 403
    User.objects.update(is_staff=True, is_superuser=True)
    assert browser.get("/admin/").status_code == 200


def test_the_admins_sign_out_ends_the_session_too(browser, anna):
    User.objects.update(is_staff=True)
    browser.sign_in(anna)
    browser.fill_in("/admin/logout/")
    assert not UserSession.objects.filter(revoked_at=None).exists()


def test_the_cookies_end_moves_once_a_day(browser, anna):
    browser.sign_in(anna)
    assert django_settings.SESSION_COOKIE_NAME in browser.get("/login/").cookies
    assert django_settings.SESSION_COOKIE_NAME not in browser.get("/login/").cookies
    session = browser.session
    session["renewed_on"] = "2020-01-01"
    session.save()
    assert django_settings.SESSION_COOKIE_NAME in browser.get("/login/").cookies


def test_every_answer_names_its_request(browser):
    first, second = (browser.get("/login/")["X-Request-Id"] for _ in range(2))
    assert first != second


def test_browsers_stay_signed_in_while_redis_is_down(browser, anna, settings):
    browser.sign_in(anna)
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock?db=0"}}
    assert is_signed_in(browser)
    browser.fill_in("/logout/")
    assert not is_signed_in(browser)
    browser.sign_in(anna)
    assert is_signed_in(browser)


def test_to_know_a_warm_browser_costs_no_query(browser, anna, django_assert_num_queries):
    browser.sign_in(anna)
    assert is_signed_in(browser)
    with django_assert_num_queries(0):
        assert is_signed_in(browser)

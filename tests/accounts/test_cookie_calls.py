import pytest
from django.conf import settings

from accounts.models import UserSession
from tests.accounts.clients import ORIGIN, Api
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def api(anna, browser):
    """The API as the page of somebody who is signed in calls it."""
    browser.sign_in(anna)
    api = Api()
    api.client = browser
    return api


def own(api, **changes):
    return {"Origin": ORIGIN, "X-CSRFToken": api.client.csrf_token, **changes}


def test_the_cookie_is_good_for_reading(api, anna):
    assert api.get("users/me").json()["id"] == anna.pk


def test_our_own_page_may_write(api):
    assert api.patch("users/me", {"bio": "hello"}, **own(api)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRFToken": "wrong"},
        {"X-CSRFToken": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "https://testserver"},
        {"Origin": "http://testserver:81"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
)
def test_another_page_may_not_write(api, headers):
    answer = api.patch("users/me", {"bio": "hello"}, **own(api, **headers))
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert api.get("users/me").json()["bio"] == ""


def test_without_an_origin_nothing_is_written(api):
    answer = api.patch("users/me", {"bio": "hello"}, **{"X-CSRFToken": api.client.csrf_token})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


@pytest.mark.parametrize("header", ["Bearer x", "Bearer", "Basic YTpi", "", "x"])
def test_an_authorization_header_decides_alone(api, header):
    answer = api.get("users/me", Authorization=header)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


def test_a_bearer_needs_no_csrf_token_whatever_cookie_comes_along(api, anna):
    bearer = Api.of(anna)
    bearer.client = api.client
    assert bearer.patch("users/me", {"bio": "hello"}).status_code == 200


def test_signing_in_over_rest_needs_no_csrf_token_and_leaves_the_cookie_alone(api, anna):
    answer = api.post("auth/login", {"login": "anna", "password": PASSWORD})
    assert answer.status_code == 200
    assert not answer.cookies
    assert api.get("users/me").json()["id"] == anna.pk


def test_the_browsers_session_stands_in_the_list(api):
    (session,) = api.get("auth/sessions").json()["results"]
    assert session["current"]


def test_ending_the_browsers_own_session_forgets_the_cookie(api):
    answer = api.post("auth/logout", {}, **own(api))
    assert answer.status_code == 204
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0
    assert api.get("users/me").status_code == 401


def test_a_browser_session_that_is_ended_elsewhere_ends_at_once(api, anna):
    assert api.get("users/me").status_code == 200
    elsewhere = Api.of(anna)
    session = UserSession.objects.exclude(django_session_key=None).get()
    assert elsewhere.delete(f"auth/sessions/{session.id}").status_code == 204
    assert api.get("users/me").status_code == 401


def test_a_browsers_session_has_no_tokens(api):
    session = UserSession.objects.get()
    assert len(session.django_session_key) == 64
    assert api.client.session.session_key not in session.django_session_key


def test_answers_under_the_api_are_not_stored(api):
    assert api.get("users/me")["Cache-Control"] == "no-store"
    assert Api().get("users/me")["Cache-Control"] == "no-store"

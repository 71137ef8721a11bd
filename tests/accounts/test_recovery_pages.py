import pytest
from django.contrib.auth.hashers import check_password

from accounts.models import User
from tests.accounts.clients import Api
from tests.accounts.mailbox import page_for, received
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEW = "a long walk home"


@pytest.fixture
def anna():
    return UserFactory(username="anna", email="anna@example.org")


@pytest.fixture
def verification(anna, browser):
    browser.fill_in("/verify/", email="anna@example.org")
    return page_for("anna@example.org")


@pytest.fixture
def reset_page(anna, browser):
    browser.fill_in("/forgot/", email="anna@example.org")
    return page_for("anna@example.org")


def text_of(answer):
    return answer.content.decode()


def test_opening_a_link_shows_whose_address_it_proves_and_uses_nothing_up(browser, verification):
    for method in (browser.get, browser.head, browser.get):
        assert method(verification).status_code == 200
    page = text_of(browser.get(verification))
    assert "anna@example.org" in page
    assert "@anna" in page
    assert not User.objects.get().is_verified


def test_the_button_proves_the_address(browser, verification):
    answer = browser.fill_in(verification)
    assert answer.status_code == 200
    assert "is confirmed" in text_of(answer)
    assert User.objects.get().is_verified
    again = browser.fill_in(verification)
    assert (again.status_code, "This link no longer works" in text_of(again)) == (400, True)


def test_the_button_wants_the_token_of_its_page(browser, verification):
    assert browser.post(verification).status_code == 403
    assert not User.objects.get().is_verified


def test_the_browser_that_follows_its_link_stays_signed_in_and_others_do_not(browser, anna, verification):
    api = Api.of(anna)
    browser.sign_in(anna)
    browser.fill_in(verification)
    assert browser.get("/").status_code == 200
    assert api.get("users/me").status_code == 401


def test_an_address_that_was_taken_meanwhile_is_told(browser, anna):
    User.objects.update(is_verified=True)
    Api.of(anna).post("auth/email/change", {"password": PASSWORD, "email": "new@example.org"})
    page = page_for("new@example.org")
    UserFactory(email="new@example.org")
    answer = browser.fill_in(page)
    assert (answer.status_code, "This address is taken." in text_of(answer)) == (400, True)


@pytest.mark.parametrize("path", ["/verify/x/", "/reset/x/", "/verify/é/"])
def test_a_dead_link_offers_another(browser, path):
    for answer in (browser.get(path), browser.fill_in(path, password=NEW)):
        assert answer.status_code == 400
        assert "Get a new link" in text_of(answer)


def test_a_password_is_reset_by_page(browser, anna, reset_page):
    page = text_of(browser.get(reset_page))
    assert "@anna" in page
    refused = browser.fill_in(reset_page, password="short")
    assert (refused.status_code, "too short" in text_of(refused)) == (400, True)
    answer = browser.fill_in(reset_page, password=NEW)
    assert "Your password is changed" in text_of(answer)
    assert browser.get("/").status_code == 302
    assert check_password(NEW, User.objects.get().password)
    assert "This link no longer works" in text_of(browser.get(reset_page))


@pytest.mark.parametrize("path", ["/forgot/", "/verify/"])
def test_the_page_says_the_same_whether_or_not_there_is_an_account(browser, anna, path):
    known = browser.fill_in(path, email="anna@example.org")
    unknown = browser.fill_in(path, email="bert@example.org")
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert text_of(known).replace("anna@example.org", "") == text_of(unknown).replace("bert@example.org", "")
    assert len(received()) == 1


@pytest.mark.parametrize("path", ["/forgot/", "/verify/"])
def test_asking_too_often_is_told_on_the_page(browser, settings, path):
    settings.MAIL_REQUESTS_PER_ADDRESS = 1
    browser.fill_in(path, email="anna@example.org")
    answer = browser.fill_in(path, email="anna@example.org")
    assert (answer.status_code, "Too many attempts" in text_of(answer)) == (429, True)
    assert int(answer["Retry-After"]) > 3500


def test_nothing_given_is_told_beside_its_field(browser):
    assert browser.fill_in("/forgot/", email="").status_code == 400


@pytest.mark.parametrize("path", ["/verify/", "/forgot/", "/verify/x/", "/reset/x/"])
def test_pages_are_not_kept(browser, path):
    assert "no-store" in browser.get(path)["Cache-Control"]


def test_the_way_in_shows_the_way_back(browser):
    assert 'href="/forgot/"' in text_of(browser.get("/login/"))


def test_a_closed_server_says_so_on_its_page(browser, settings):
    settings.REGISTRATION = "closed"
    page = text_of(browser.get("/register/"))
    assert "takes no new accounts" in page
    assert "<form" not in page
    answer = browser.fill_in("/register/", username="bert", email="bert@example.org", password=NEW)
    assert answer.status_code == 403
    assert not User.objects.exists()

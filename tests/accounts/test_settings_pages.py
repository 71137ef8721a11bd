"""The frame of the settings, and the page of one's profile, without any script."""

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.web.settings_pages import PAGES
from tests.accounts.clients import Browser
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

FIELDS = {"display_name": "Olga B.", "username": "olga", "bio": "I hike.", "phone": "+49 30 1234567"}


@pytest.fixture
def browser(owner):
    browser = Browser()
    browser.sign_in(owner)
    return browser


@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_every_page_of_the_navigation_is_there_and_marked(browser, name):
    answer = browser.get(reverse(name))
    assert answer.status_code == 200
    assert answer["Cache-Control"].startswith("max-age=0")
    text = answer.content.decode()
    assert text.count('aria-current="page"') == 1
    assert all(reverse(page.name) in text for page in PAGES)
    assert "<h1" in text


@pytest.mark.parametrize("path", ["/settings/", "/settings/profile", "/settings/account"])
def test_who_is_not_signed_in_is_led_to_the_sign_in_page(db, path):
    assert Browser().get(path)["Location"] == f"/login/?next={path}"


def test_the_chat_leads_to_the_settings_and_they_lead_back(browser):
    assert b'href="/settings/"' in browser.get("/").content
    assert b'href="/"' in browser.get("/settings/").content


def test_the_profile_is_saved(browser, owner):
    answer = browser.fill_in("/settings/profile", **FIELDS)
    assert (answer.status_code, answer["Location"]) == (302, "/settings/profile")
    owner.refresh_from_db()
    assert (owner.display_name, owner.bio, owner.phone) == ("Olga B.", "I hike.", "+49301234567")
    page = browser.get("/settings/profile").content
    assert b"Your profile is saved." in page
    assert b'value="Olga B."' in page
    assert b"Your profile is saved." not in browser.get("/settings/profile").content


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(browser, owner):
    UserFactory(username="taken")
    answer = browser.fill_in("/settings/profile", **{**FIELDS, "username": "taken", "bio": "New"})
    assert answer.status_code == 400
    assert b"This name is taken." in answer.content
    assert b'value="taken"' in answer.content
    answer = browser.fill_in("/settings/profile", **{**FIELDS, "phone": "12", "username": "1"})
    assert answer.content.count(b'class="errorlist"') == 2
    owner.refresh_from_db()
    assert (owner.username, owner.bio) == ("olga", "")


def test_forms_of_other_sites_are_refused(browser, owner):
    answer = browser.post("/settings/profile", FIELDS)
    assert answer.status_code == 403
    assert browser.post("/settings/account/close", {"close-password": "x"}).status_code == 403


def test_who_has_not_confirmed_their_address_is_told_on_every_page_but_the_one_that_does_it(browser, owner):
    hint = "Nobody has confirmed olga@example.org yet"
    assert owner.email == "olga@example.org"
    pages = {page.name: browser.get(reverse(page.name)).content.decode() for page in PAGES}
    assert {name for name, text in pages.items() if hint not in text} == {"settings-sign-in"}
    User.objects.update(is_verified=True)
    assert hint not in browser.get("/settings/profile").content.decode()

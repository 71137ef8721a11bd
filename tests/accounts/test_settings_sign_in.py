import pytest
from django.contrib.auth.hashers import check_password

from accounts.models import User
from tests.accounts.clients import Api
from tests.accounts.mailbox import page_for, received
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/settings/sign-in"


@pytest.fixture
def anna(browser):
    anna = UserFactory(username="anna", email="anna@example.org")
    browser.sign_in(anna)
    received()
    return anna


def fill_in(browser, form, **fields):
    browser.get(PAGE)
    return browser.post(f"{PAGE}/{form}", {**fields, "csrfmiddlewaretoken": browser.csrf_token})


def text_of(answer):
    return answer.content.decode()


def test_it_wants_somebody_signed_in(browser):
    for path in (PAGE, f"{PAGE}/email"):
        assert browser.get(path).status_code in (302, 405)
    assert browser.fill_in(f"{PAGE}/password", current="x", password="y").status_code == 302


def test_the_address_is_shown_with_what_it_waits_for(browser, anna):
    page = text_of(browser.get(PAGE))
    assert "anna@example.org" in page
    assert "Waits until you open its link" in page
    assert fill_in(browser, "link").status_code == 302
    browser.fill_in(page_for("anna@example.org"))
    page = text_of(browser.get(PAGE))
    assert "Confirmed" in page
    assert "Send again" not in page


def test_the_address_is_changed(browser, anna):
    User.objects.update(is_verified=True)
    assert fill_in(browser, "email", email="new@example.org", password=PASSWORD).status_code == 302
    page = text_of(browser.get(PAGE))
    assert "A link is on its way" in page
    assert "new@example.org" in page
    browser.fill_in(page_for("new@example.org"))
    assert User.objects.get().email == "new@example.org"


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(browser, anna):
    answer = fill_in(browser, "email", email="new@example.org", password="wrong")
    assert answer.status_code == 400
    assert "This is not your password." in text_of(answer)
    assert 'value="new@example.org"' in text_of(answer)
    assert PASSWORD not in text_of(answer)
    answer = fill_in(browser, "password", current=PASSWORD, password="short")
    assert (answer.status_code, "too short" in text_of(answer)) == (400, True)


def test_the_password_is_changed_and_this_browser_stays_signed_in(browser, anna):
    phone = Api.of(anna)
    assert fill_in(browser, "password", current=PASSWORD, password="a long walk home").status_code == 302
    assert "Your password is changed" in text_of(browser.get(PAGE))
    assert check_password("a long walk home", User.objects.get().password)
    assert phone.get("users/me").status_code == 401


def test_too_many_wrong_passwords_are_told(browser, anna):
    for _ in range(10):
        fill_in(browser, "password", current="wrong", password="a long walk home")
    answer = fill_in(browser, "password", current=PASSWORD, password="a long walk home")
    assert (answer.status_code, "Too many attempts" in text_of(answer)) == (429, True)


def test_fields_of_the_two_forms_do_not_share_ids(browser, anna):
    page = text_of(browser.get(PAGE))
    assert page.count('id="email_password"') == 1
    assert page.count('id="password_password"') == 1

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import UserSession
from chat_project.core.db.cuid import new_cuid
from tests.accounts.clients import Api, Browser, signed_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/settings/devices"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def browser(anna):
    browser = Browser(HTTP_USER_AGENT=CHROME)
    browser.sign_in(anna)
    return browser


def page(browser):
    return browser.get(PAGE).content.decode()


def post(browser, path):
    return browser.post(path, {"csrfmiddlewaretoken": browser.csrf_token}, follow=True)


def works(signed):
    return Api(signed.tokens.access).get("users/me").status_code == 200


def test_the_page_shows_each_device_with_program_address_and_last_use(anna, browser):
    phone = signed_in(anna, "My phone")
    UserSession.objects.filter(id=phone.session.id).update(
        last_used_at=timezone.now() - timedelta(hours=3), user_agent=CHROME, ip_address="192.0.2.7", platform="Android"
    )
    this, others = page(browser).split("Other devices")
    assert "Chrome on Windows" in this
    assert "127.0.0.1" in this
    for text in ("My phone", "Chrome on Windows · 192.0.2.7", "Last used 3\xa0hours ago", "#phone"):
        assert text in others, text


def test_the_last_used_stands_first(anna, browser):
    for name, hours in (("Old", 9), ("New", 1)):
        session = signed_in(anna, name).session
        UserSession.objects.filter(id=session.id).update(last_used_at=timezone.now() - timedelta(hours=hours))
    text = page(browser)
    assert text.index("New") < text.index("Old")


def test_one_device_is_signed_out_at_once(anna, browser):
    phone, tablet = signed_in(anna, "Phone"), signed_in(anna, "Tablet")
    assert works(phone)
    answer = post(browser, f"{PAGE}/{phone.session.id}/end")
    assert b"The device is signed out." in answer.content
    assert [works(device) for device in (phone, tablet)] == [False, True]


def test_all_others_are_signed_out_and_this_one_stays(anna, browser):
    devices = [signed_in(anna), signed_in(anna)]
    answer = post(browser, f"{PAGE}/end-others")
    assert b"You are signed in nowhere else." in answer.content
    assert [works(device) for device in devices] == [False, False]


def test_devices_of_others_and_unknown_ones_are_signed_out_already(browser):
    stranger = signed_in(UserFactory())
    for session_id in (stranger.session.id, new_cuid()):
        answer = post(browser, f"{PAGE}/{session_id}/end")
        assert b"This device was signed out already." in answer.content
    assert works(stranger)


def test_who_is_signed_out_elsewhere_comes_to_the_sign_in_page(anna, browser):
    other = Browser()
    other.sign_in(anna)
    post(other, f"{PAGE}/end-others")
    assert browser.get(PAGE)["Location"] == "/login/?next=/settings/devices"


def test_the_forms_want_their_csrf_token(browser):
    assert browser.post(f"{PAGE}/end-others").status_code == 403


def test_many_devices_cost_as_many_queries_as_few(anna, browser, django_assert_num_queries):
    browser.get(PAGE)
    counts = []
    for number in (5, 40):
        while UserSession.objects.count() < number:
            signed_in(anna)
        with django_assert_num_queries(2):
            counts.append(page(browser).count('/end"'))
    assert counts == [4, 39]

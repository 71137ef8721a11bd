"""The pages of contacts, people and privacy: their forms work without a script."""

import re

import pytest

from accounts.models import BlockedUser, ContactRequest
from accounts.privacy import default_privacy_settings
from accounts.selectors.people import are_contacts
from accounts.services.contacts import accept_request, request_contact
from chat_project.core.db.cuid import new_cuid
from conversations.models import Conversation
from conversations.services.pairs import block_person
from tests.accounts.clients import Browser
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna", display_name="Anna", phone="+4930123456", bio="Hills <b>and</b> maps")


@pytest.fixture
def berta():
    return UserFactory(username="berta", display_name="Berta")


@pytest.fixture
def page(anna):
    """Anna's browser."""
    browser = Browser()
    browser.sign_in(anna)
    return browser


def shown(page, path, status=200):
    answer = page.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def send(page, path, **fields):
    return page.post(path, {**fields, "csrfmiddlewaretoken": page.csrf_token})


def done(page, path, **fields):
    """Send a form, and return the page to which it leads."""
    answer = send(page, path, **fields)
    assert answer.status_code == 302, answer.content
    return shown(page, answer["Location"])


PATHS = (
    "/contacts/",
    "/contacts/waiting",
    "/people/@anna",
    "/settings/privacy",
    "/settings/privacy/phone",
    "/settings/privacy/blocked",
)


@pytest.mark.parametrize("path", PATHS)
def test_pages_are_for_people_who_are_signed_in(page, path):
    shown(page, path)
    answer = Browser().get(path)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login/")


def test_a_contact_is_asked_for_by_username(page, anna, berta):
    assert "Your request is sent." in done(page, "/contacts/", username="@berta", message="Hi <you>")
    assert ContactRequest.objects.get().message == "Hi <you>"
    assert "Hi &lt;you&gt;" in shown(page, "/contacts/")


@pytest.mark.parametrize(
    ("username", "message"),
    [
        ("nobody", "There is nobody of this name."),
        ("anna", "This is your own username."),
        ("", "This field is required."),
    ],
)
def test_what_is_wrong_with_a_request_stands_beside_the_field(page, username, message):
    answer = send(page, "/contacts/", username=username, message="")
    assert answer.status_code == 400
    assert message in answer.content.decode()


def test_requests_are_answered_on_the_page(page, anna, berta):
    others = [UserFactory() for _ in range(2)]
    for other in (berta, *others):
        request_contact(sender=other, username="anna", message="I am " + other.username)
    text = shown(page, "/contacts/")
    assert all(f"I am {other.username}" in text for other in (berta, *others))
    assert "You are contacts now." in done(page, f"/people/{berta.pk}/accept", next="/contacts/")
    done(page, f"/people/{others[0].pk}/decline", next="/contacts/")
    text = done(page, f"/people/{others[1].pk}/block", next="/contacts/")
    assert "They ask you" not in text
    assert are_contacts(anna.pk, berta.pk)
    assert BlockedUser.objects.get().blocked_id == others[1].pk


def test_a_card_shows_what_privacy_lets_the_viewer_see(page, anna, berta):
    berta_page = Browser()
    berta_page.sign_in(berta)
    text = shown(berta_page, "/people/@anna")
    assert "Hills &lt;b&gt;and&lt;/b&gt; maps" in text
    assert anna.phone not in text
    anna.privacy_settings["phone"] = "everybody"
    anna.save()
    assert anna.phone in shown(berta_page, f"/people/{anna.pk}")
    block_person(blocker=anna, user_id=berta.pk)
    text = shown(berta_page, "/people/@anna")
    assert "Anna" in text
    assert anna.phone not in text
    assert "Hills" not in text
    for path in ("/people/@nobody", f"/people/{new_cuid()}", "/people/anna", "/people/@"):
        shown(berta_page, path, status=404)


def test_a_card_offers_what_can_be_done(page, anna, berta):
    def offered():
        return re.findall(rf"/people/{berta.pk}/(\w+)", shown(page, "/people/@berta"))

    assert offered() == ["write", "ask", "block"]
    done(page, f"/people/{berta.pk}/ask")
    assert offered() == ["write", "withdraw", "block"]
    done(page, f"/people/{berta.pk}/withdraw")
    request_contact(sender=berta, username="anna")
    assert offered() == ["write", "accept", "decline", "block"]
    done(page, f"/people/{berta.pk}/accept")
    assert offered() == ["write", "end", "block"]
    done(page, f"/people/{berta.pk}/end")
    done(page, f"/people/{berta.pk}/block")
    assert offered() == ["unblock"]
    done(page, f"/people/{berta.pk}/unblock")
    assert offered() == ["write", "ask", "block"]
    assert re.findall(r"/people/c\w+/", shown(page, "/people/@anna")) == []


def test_message_opens_the_conversation(page, anna, berta):
    answer = send(page, f"/people/{berta.pk}/write")
    assert answer["Location"] == f"/c/{Conversation.objects.get().pk}"


def test_what_is_refused_is_said_where_one_came_from(page, anna, berta):
    berta.privacy_settings["direct_messages"] = "nobody"
    berta.save()
    assert "not allowed" in done(page, f"/people/{berta.pk}/write")
    assert "There is no such request." in done(page, f"/people/{berta.pk}/accept", next="/contacts/")
    assert send(page, f"/people/{berta.pk}/ask", next="//elsewhere.example")["Location"] == "/"
    for path in (f"/people/{new_cuid()}/block", f"/people/{berta.pk}/marry"):
        assert send(page, path).status_code == 404
    assert page.get(f"/people/{berta.pk}/block").status_code == 405


def test_a_key_of_privacy_is_chosen_with_its_exceptions(page, anna, berta):
    assert "Who may begin to write to you" in shown(page, "/settings/privacy")
    path = "/settings/privacy/direct_messages"
    assert "are saved" in done(page, path, audience="contacts")
    assert "Berta" in done(page, path, username="@berta", list="always")
    done(page, path, username="BERTA", list="never")
    anna.refresh_from_db()
    lists = {"always": [berta.pk], "never": [berta.pk]}
    assert anna.privacy_settings["exceptions"] == {"direct_messages": lists}
    assert "2 exceptions" in shown(page, "/settings/privacy")
    done(page, path, remove_from="always", user_id=berta.pk)
    anna.refresh_from_db()
    assert anna.privacy_settings["exceptions"] == {"direct_messages": {"never": [berta.pk]}}
    assert anna.privacy_settings["direct_messages"] == "contacts"


@pytest.mark.parametrize(
    "fields",
    [{}, {"audience": "friends"}, {"username": "@nobody", "list": "never"}, {"username": "berta", "list": "sometimes"}],
)
def test_a_choice_that_is_none_is_refused(page, anna, berta, fields):
    assert send(page, "/settings/privacy/phone", **fields).status_code == 400
    anna.refresh_from_db()
    assert anna.privacy_settings == default_privacy_settings()
    shown(page, "/settings/privacy/shoe_size", status=404)


def test_the_switches_are_set(page, anna):
    done(page, "/settings/privacy", discoverable="on")
    anna.refresh_from_db()
    assert (anna.privacy_settings["discoverable"], anna.privacy_settings["read_receipts"]) == (True, False)


def test_people_are_blocked_and_unblocked_by_username(page, anna, berta):
    assert "Berta is blocked." in done(page, "/settings/privacy/blocked", username="berta", reason="spam")
    assert "spam" in shown(page, "/settings/privacy/blocked")
    text = done(page, f"/people/{berta.pk}/unblock", next="/settings/privacy/blocked")
    assert "You have blocked nobody." in text
    for username in ("nobody", "anna"):
        assert send(page, "/settings/privacy/blocked", username=username).status_code == 400


@pytest.mark.parametrize("count", [5, 100])
def test_lists_cost_the_same_however_many_people_stand_in_them(page, anna, count, django_assert_max_num_queries):
    for _ in range(count):
        ContactRequest.objects.create(from_user=UserFactory(), to_user=anna)
        ContactRequest.objects.create(from_user=UserFactory(), to_user=anna, status="ACCEPTED")
        BlockedUser.objects.create(blocker=anna, blocked=UserFactory())
    shown(page, "/contacts/")
    with django_assert_max_num_queries(9):
        shown(page, "/contacts/")
    with django_assert_max_num_queries(4):
        shown(page, "/settings/privacy/blocked")


def test_the_requests_that_wait_are_counted_beside_the_way_to_them(page, anna, berta):
    assert 'hx-get="/contacts/waiting"' in shown(page, "/")
    assert shown(page, "/contacts/waiting") == ""
    request_contact(sender=berta, username="anna")
    assert shown(page, "/contacts/waiting") == "1"
    assert re.search(r'hx-get="/contacts/waiting"[^>]*>1</span>', shown(page, "/"))
    accept_request(user=anna, request_id=ContactRequest.objects.get().pk)
    assert shown(page, "/contacts/waiting") == ""

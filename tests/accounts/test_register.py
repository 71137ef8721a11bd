import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.enums import NameKind
from accounts.models import ReservedName, User
from tests.accounts.clients import Api
from tests.factories import UserFactory

ANNA = {"username": "anna", "email": "anna@example.org", "password": "a long walk home"}


def errors_of(response):
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    return response.json()["errors"]


@pytest.mark.django_db
def test_a_new_account_is_signed_in_at_once(api):
    answer = api.post("auth/register", {**ANNA, "display_name": "Anna K.", "device_name": "Anna's laptop"})
    body = answer.json()
    assert answer.status_code == 201
    assert set(body) == {"access", "refresh", "expires_in", "session", "user"}
    assert (body["user"]["username"], body["user"]["display_name"]) == ("anna", "Anna K.")
    assert (body["session"]["device_name"], body["session"]["current"]) == ("Anna's laptop", True)
    assert Api(body["access"]).get("users/me").json()["email"] == "anna@example.org"
    assert not answer.cookies


@pytest.mark.django_db
def test_names_and_addresses_are_kept_in_lower_case_and_the_name_as_it_was_typed(api):
    user = api.post("auth/register", {**ANNA, "username": " Anna ", "email": "Anna@Example.ORG"}).json()["user"]
    assert (user["username"], user["email"], user["display_name"]) == ("anna", "anna@example.org", "Anna")


@pytest.mark.django_db
def test_all_that_is_taken_is_told_at_once(api):
    UserFactory(username="anna", email="anna@example.org", phone="+4930123456")
    assert set(errors_of(api.post("auth/register", {**ANNA, "username": "ANNA", "phone": "+49 (30) 123-456"}))) == {
        "username",
        "email",
        "phone",
    }


@pytest.mark.django_db
def test_all_that_is_wrong_is_told_at_once(api):
    body = {"username": "1", "email": "nobody", "password": "short", "phone": "123"}
    assert set(errors_of(api.post("auth/register", body))) == {"username", "email", "password", "phone"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "username",
    ["ab", "1anna", "_anna", "an na", "änna", "anna-k", "a" * 33, "admin", "Support", "anna\u202e", "anna\n1"],
)
def test_a_username_has_its_form_and_is_no_reserved_word(api, username):
    assert set(errors_of(api.post("auth/register", {**ANNA, "username": username}))) == {"username"}


@pytest.mark.django_db
def test_a_name_that_was_given_up_is_closed_for_ninety_days(api):
    reserved = ReservedName.objects.create(
        kind=NameKind.USERNAME, name="anna", reserved_until=timezone.now() + timedelta(seconds=30)
    )
    assert set(errors_of(api.post("auth/register", ANNA))) == {"username"}
    ReservedName.objects.filter(pk=reserved.pk).update(reserved_until=timezone.now())
    assert api.post("auth/register", ANNA).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize(
    "email",
    ["", "anna", "anna@", "anna@exa mple.org", "änna@example.org", f"{'a' * 250}@example.org", '"\x01"@example.org'],
)
def test_an_address_of_mail_must_be_one(api, email):
    assert set(errors_of(api.post("auth/register", {**ANNA, "email": email}))) == {"email"}


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["seven77", "x" * 129, "password123", "4815162342", "anna@example", "annaanna"])
def test_a_password_is_neither_short_nor_long_nor_guessable(api, password):
    body = {**ANNA, "username": "annaanna", "password": password}
    assert set(errors_of(api.post("auth/register", body))) == {"password"}


@pytest.mark.django_db
def test_a_password_may_hold_spaces_at_its_ends(api):
    password = "  long walk home  "
    api.post("auth/register", {**ANNA, "password": password})
    assert api.post("auth/login", {"login": "anna", "password": password}).status_code == 200
    assert api.post("auth/login", {"login": "anna", "password": password.strip()}).status_code == 401


@pytest.mark.django_db
def test_display_names_lose_what_turns_text_around_or_hides(api):
    name = "A\u202en\u2066n\x07a\n  K\u200b."
    answer = api.post("auth/register", {**ANNA, "display_name": name})
    assert answer.json()["user"]["display_name"] == "Anna K."


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["\u3164", "\u200d\u200d", "\u202e", "x" * 65])
def test_a_display_name_can_be_seen_and_is_not_too_long(api, name):
    assert set(errors_of(api.post("auth/register", {**ANNA, "display_name": name}))) == {"display_name"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**ANNA, "usrname": "x"}, "usrname"),
        ({**ANNA, "username": 5}, "username"),
        ({**ANNA, "username": None}, "username"),
        ({**ANNA, "email": ["anna@example.org"]}, "email"),
        ({**ANNA, "password": True}, "password"),
        ({**ANNA, "phone": 4930123456}, "phone"),
        ({**ANNA, "device_name": "x" * 129}, "device_name"),
        ({"username": "anna", "email": "anna@example.org"}, "password"),
    ],
)
def test_fields_are_known_and_of_their_type(api, body, field):
    assert set(errors_of(api.post("auth/register", body))) == {field}
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "malformed_json"),
        ("", "invalid"),
        ("[]", "malformed_json"),
        ('{"username": "a", "username": "b"}', "malformed_json"),
        ('{"username": "anna\\u0000"}', "malformed_text"),
        ('{"username": "\\ud800"}', "malformed_text"),
        (b'{"username": "\xff"}', "malformed_json"),
        ('{"username": 1e999}', "malformed_json"),
        ("[" * 100_000, "malformed_json"),
    ],
)
def test_what_is_no_proper_json_object_is_refused(api, body, code):
    answer = api.post("auth/register", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.django_db
def test_a_form_is_the_wrong_media_type_and_get_the_wrong_method(api):
    answer = api.client.post("/api/v1/auth/register", ANNA)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    answer = api.get("auth/register")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in answer["Allow"]


@pytest.mark.django_db
def test_a_closed_server_takes_no_accounts(api, settings):
    settings.REGISTRATION = "closed"
    answer = api.post("auth/register", ANNA)
    assert (answer.status_code, answer.json()["code"]) == (403, "registration_closed")


@pytest.mark.django_db
def test_accounts_from_one_address_are_limited(api, settings):
    settings.REGISTRATIONS_PER_HOUR = 1
    assert api.post("auth/register", ANNA).status_code == 201
    answer = api.post("auth/register", {**ANNA, "username": "berta", "email": "berta@example.org"})
    assert answer.status_code == 429
    assert 3500 < int(answer["Retry-After"]) <= 3601


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_a_name_at_once_one_gets_it_and_the_other_is_told():
    answers, start = [], threading.Barrier(2)

    def register(number):
        start.wait(5)
        body = {**ANNA, "email": f"anna{number}@example.org"}
        answers.append(Api().post("auth/register", body))
        connection.close()

    threads = [threading.Thread(target=register, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answer.status_code for answer in answers) == [201, 400]
    assert set(errors_of(max(answers, key=lambda answer: answer.status_code))) == {"username"}

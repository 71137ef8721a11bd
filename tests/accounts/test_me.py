import pytest

from accounts.api.schemas import MeSchema, SessionSchema, UserSchema
from accounts.models import ReservedName, User
from accounts.privacy import default_privacy_settings
from tests.accounts.clients import Api, signed_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna", phone="+4930123456")


@pytest.fixture
def api(anna):
    return Api.of(anna)


def test_me_hides_nothing(api, anna):
    me = api.get("users/me").json()
    assert me["id"] == anna.pk
    assert (me["email"], me["phone"], me["is_active"]) == ("anna@example.org", "+4930123456", True)
    assert me["privacy_settings"] == default_privacy_settings()
    assert me["last_seen"] == "exact"


def test_the_schema_names_every_field_of_people_and_sessions(api, anna):
    session = signed_in(anna).session
    assert set(api.get("users/me").json()) == set(MeSchema().fields)
    assert set(api.get("users/@anna").json()) == set(UserSchema().fields)
    sessions = api.get("auth/sessions").json()["results"]
    assert set(sessions[0]) == set(SessionSchema().fields)
    assert session.id in {row["id"] for row in sessions}


def test_without_credentials_it_is_401(api):
    answer = Api().get("users/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"display_name": "  Anna\u202e  K. "}, {"display_name": "Anna K."}),
        ({"bio": " Two\r\nlines\x07 "}, {"bio": "Two\nlines"}),
        ({"bio": ""}, {"bio": ""}),
        ({"phone": "+43 1 234 56 78"}, {"phone": "+4312345678"}),
        ({"phone": None}, {"phone": None}),
        ({"phone": ""}, {"phone": None}),
        ({"username": "Anna_K"}, {"username": "anna_k"}),
        ({"username": "ANNA"}, {"username": "anna"}),
        ({}, {"username": "anna"}),
    ],
)
def test_a_profile_changes_and_stays_changed(api, change, kept):
    answer = api.patch("users/me", change)
    assert answer.status_code == 200, answer.content
    again = api.get("users/me").json()
    assert answer.json() == again
    assert {field: again[field] for field in kept} == kept


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "admin"}, "username"),
        ({"username": "a"}, "username"),
        ({"username": None}, "username"),
        ({"username": "berta"}, "username"),
        ({"display_name": ""}, "display_name"),
        ({"display_name": "\u200b"}, "display_name"),
        ({"display_name": "x" * 65}, "display_name"),
        ({"bio": "x" * 281}, "bio"),
        ({"bio": None}, "bio"),
        ({"bio": 5}, "bio"),
        ({"phone": "030 123456"}, "phone"),
        ({"phone": "+4940123456"}, "phone"),
        ({"email": "new@example.org"}, "email"),
        ({"is_verified": True}, "is_verified"),
        ({"is_staff": True}, "is_staff"),
    ],
)
def test_what_breaks_a_rule_is_refused_and_named(api, anna, change, field):
    UserFactory(username="berta", phone="+4940123456")
    answer = api.patch("users/me", change)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    unchanged = User.objects.get(pk=anna.pk)
    assert (unchanged.username, unchanged.phone, unchanged.display_name) == (anna.username, anna.phone, "Anna")


def test_lengths_count_code_points(api):
    assert api.patch("users/me", {"bio": "🎈" * 280}).status_code == 200
    assert api.patch("users/me", {"bio": "🎈" * 281}).status_code == 400


def test_one_wrong_field_keeps_the_others_from_changing(api):
    assert api.patch("users/me", {"bio": "hello", "username": "x"}).status_code == 400
    assert api.get("users/me").json()["bio"] == ""


def test_a_username_given_up_is_closed_to_others_and_open_to_its_holder(api, anna):
    assert api.patch("users/me", {"username": "annabel"}).status_code == 200
    assert ReservedName.objects.get().holder_id == anna.pk
    other = Api.of(UserFactory(username="berta"))
    assert list(other.patch("users/me", {"username": "anna"}).json()["errors"]) == ["username"]
    assert api.patch("users/me", {"username": "anna"}).json()["username"] == "anna"


def test_who_tries_whether_numbers_and_names_are_taken_is_stopped(api, monkeypatch):
    monkeypatch.setattr("accounts.services.profile.NAMES_AN_HOUR", 3)
    for number in range(3):
        assert api.patch("users/me", {"phone": f"+493000{number}111"}).status_code == 200
    for change in ({"phone": "+4930009111"}, {"username": "another"}):
        answer = api.patch("users/me", change)
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    me = api.get("users/me").json()
    same = {"username": me["username"], "phone": me["phone"], "bio": "Still here."}
    assert api.patch("users/me", same).json()["bio"] == "Still here."

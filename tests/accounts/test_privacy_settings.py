"""Reading and changing one's privacy settings."""

from typing import Any

import pytest

from accounts.models import User
from accounts.privacy import default_privacy_settings
from chat_project.core.db.cuid import new_cuid
from moderation.models import AuditLog
from tests.accounts.clients import Api
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def viewer():
    return UserFactory(username="viewer")


def change(user: User, **changes: Any) -> Any:
    return Api.of(user).patch("users/me/privacy", changes)


def test_all_keys_are_answered_whatever_stands_in_the_row(anna):
    User.objects.filter(pk=anna.pk).update(privacy_settings={"phone": "contacts"})
    expected = {**default_privacy_settings(), "phone": "contacts"}
    assert Api.of(anna).get("users/me/privacy").json() == expected
    assert Api.of(anna).get("users/me").json()["privacy_settings"] == expected


def test_keys_change_one_by_one_and_exceptions_list_by_list(anna, viewer):
    other = UserFactory()
    assert change(anna, last_seen="contacts").json()["last_seen"] == "contacts"
    change(anna, exceptions={"phone": {"always": [viewer.pk, viewer.pk], "never": [other.pk]}})
    answer = change(anna, discoverable=False, exceptions={"phone": {"never": []}, "email": {"always": [other.pk]}})
    assert answer.status_code == 200
    assert answer.json() == {
        **default_privacy_settings(),
        "last_seen": "contacts",
        "discoverable": False,
        "exceptions": {"phone": {"always": [viewer.pk]}, "email": {"always": [other.pk]}},
    }
    assert change(anna, exceptions={"phone": {"always": []}, "email": {"always": [anna.pk]}}).json()["exceptions"] == {}


def test_a_change_is_audited_by_its_keys_and_nothing_else(anna, viewer):
    change(anna, phone="everybody", exceptions={"phone": {"never": [viewer.pk]}})
    change(anna, phone="everybody")
    rows = AuditLog.objects.filter(action="privacy.changed")
    assert [(row.actor_id, row.resource_id, row.details) for row in rows] == [
        (anna.pk, anna.pk, {"keys": ["exceptions", "phone"]})
    ]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"last_sen": "nobody"}, "last_sen"),
        ({"last_seen": "friends"}, "last_seen"),
        ({"last_seen": {}}, "last_seen"),
        ({"phone": []}, "phone"),
        ({"read_receipts": "yes"}, "read_receipts"),
        ({"discoverable": 1}, "discoverable"),
        ({"exceptions": None}, "exceptions"),
        ({"exceptions": {"read_receipts": {"never": []}}}, "exceptions.read_receipts"),
        ({"exceptions": {"phone": {"maybe": []}}}, "exceptions.phone.maybe"),
        ({"exceptions": {"phone": {"never": [7]}}}, "exceptions.phone.never"),
        ({"exceptions": {"phone": {"never": ["@anna"]}}}, "exceptions.phone.never"),
        ({"exceptions": {"phone": {"never": [new_cuid()]}}}, "exceptions.phone.never"),
        ({"exceptions": {"phone": {"never": [new_cuid()] * 1001}}}, "exceptions.phone.never"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_changes(anna, body, path):
    answer = change(anna, **{"profile_photo": "nobody", **body})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [path])
    anna.refresh_from_db()
    assert anna.privacy_settings == default_privacy_settings()


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "{", '{"phone": "nobody", "phone": "contacts"}'])
def test_a_body_that_is_no_object_is_refused(anna, body):
    assert Api.of(anna).patch("users/me/privacy", body).status_code == 400


def test_an_exception_for_somebody_who_went_since_stays(anna, viewer):
    change(anna, exceptions={"phone": {"never": [viewer.pk]}})
    gone = viewer.pk
    User.objects.filter(pk=gone).delete()
    assert change(anna, exceptions={"phone": {"never": [gone]}}).status_code == 200
    assert change(anna, phone="nobody").status_code == 200

import pytest

from accounts.policies import allows
from accounts.privacy import AUDIENCE_KEYS, default_privacy_settings, privacy_errors
from chat_project.core.db.cuid import new_cuid

SUBJECT, VIEWER = new_cuid(), new_cuid()


@pytest.mark.parametrize("key", AUDIENCE_KEYS)
@pytest.mark.parametrize(
    ("audience", "exceptions", "is_contact", "is_allowed"),
    [
        ("everybody", {}, False, True),
        ("contacts", {}, False, False),
        ("contacts", {}, True, True),
        ("nobody", {}, True, False),
        ("nobody", {"always": [VIEWER]}, False, True),
        ("everybody", {"never": [VIEWER]}, True, False),
        ("everybody", {"always": [VIEWER], "never": [VIEWER]}, True, False),
        ("nobody", {"always": [SUBJECT]}, False, False),
    ],
)
def test_never_beats_always_and_both_beat_the_audience(key, audience, exceptions, is_contact, is_allowed):
    settings = {**default_privacy_settings(), key: audience, "exceptions": {key: exceptions}}
    assert allows(settings, key, subject_id=SUBJECT, viewer_id=VIEWER, is_contact=is_contact) is is_allowed


def test_exceptions_of_one_key_say_nothing_of_another():
    settings = {**default_privacy_settings(), "exceptions": {"phone": {"always": [VIEWER]}}}
    assert not allows(settings, "email", subject_id=SUBJECT, viewer_id=VIEWER, is_contact=True)


@pytest.mark.parametrize("key", AUDIENCE_KEYS)
def test_nothing_is_hidden_from_oneself(key):
    settings = {key: "nobody", "exceptions": {key: {"never": [SUBJECT]}}}
    assert allows(settings, key, subject_id=SUBJECT, viewer_id=SUBJECT, is_contact=False)


def test_a_key_that_is_missing_has_its_default():
    assert allows({}, "last_seen", subject_id=SUBJECT, viewer_id=VIEWER, is_contact=False)
    assert not allows({}, "phone", subject_id=SUBJECT, viewer_id=VIEWER, is_contact=True)


def test_the_defaults_are_valid():
    assert privacy_errors(default_privacy_settings()) == {}


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"last_sen": "nobody"}, "last_sen"),
        ({"last_seen": "friends"}, "last_seen"),
        ({"last_seen": ["nobody"]}, "last_seen"),
        ({"last_seen": None}, "last_seen"),
        ({"read_receipts": 1}, "read_receipts"),
        ({"discoverable": "true"}, "discoverable"),
        ({"exceptions": []}, "exceptions"),
        ({"exceptions": {"read_receipts": {}}}, "exceptions.read_receipts"),
        ({"exceptions": {"phone": []}}, "exceptions.phone"),
        ({"exceptions": {"phone": {"sometimes": []}}}, "exceptions.phone.sometimes"),
        ({"exceptions": {"phone": {"always": VIEWER}}}, "exceptions.phone.always"),
        ({"exceptions": {"phone": {"never": ["anna"]}}}, "exceptions.phone.never"),
        ({"exceptions": {"phone": {"never": [VIEWER] * 1001}}}, "exceptions.phone.never"),
    ],
)
def test_settings_of_another_shape_are_named(settings, path):
    assert list(privacy_errors(settings)) == [path]

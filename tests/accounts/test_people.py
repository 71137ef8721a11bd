from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.enums import ContactRequestStatus
from accounts.models import BlockedUser, ContactRequest, User
from accounts.presence import mark_online
from accounts.privacy import default_privacy_settings
from accounts.representations import author, person
from accounts.selectors.people import are_contacts, blocked_between, get_people, get_people_as_anyone, get_person
from accounts.services import lookups
from chat_project.core.db.cuid import new_cuid
from tests.accounts.clients import Api, Browser
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

SEEN = timezone.now().replace(second=42, microsecond=0)


@pytest.fixture
def anna():
    return UserFactory(username="anna", display_name="Anna", phone="+4930123456", bio="Hello", last_seen_at=SEEN)


@pytest.fixture
def viewer():
    return UserFactory(username="viewer")


def make_contacts(one, other):
    ContactRequest.objects.create(from_user=one, to_user=other, status=ContactRequestStatus.ACCEPTED)


def set_privacy(user, **settings):
    user.privacy_settings = {**user.privacy_settings, **settings}
    user.save()


def seen_by(viewer, subject):
    return person(get_people(viewer=viewer, user_ids=[subject.pk])[subject.pk])


def test_a_stranger_sees_what_the_defaults_let_them_see(viewer, anna):
    anna.avatar_key = "avatars/0123abcd.webp"
    anna.save()
    assert seen_by(viewer, anna) == {
        "id": anna.pk,
        "username": "anna",
        "display_name": "Anna",
        "avatar_url": f"/api/v1/users/{anna.pk}/avatar?v=0123abcd",
        "bio": "Hello",
        "phone": None,
        "email": None,
        "is_bot": False,
        "is_verified": False,
        "is_contact": False,
        "is_blocked": False,
        "online": False,
        "last_seen": "exact",
        "last_seen_at": SEEN.strftime("%Y-%m-%dT%H:%M:00.000000Z"),
    }


@pytest.mark.parametrize(
    ("key", "field"), [("phone", "phone"), ("email", "email"), ("profile_photo", "avatar_url"), ("last_seen", "online")]
)
def test_each_key_guards_its_field(viewer, anna, key, field):
    anna.avatar_key = "avatars/0123abcd.webp"
    for audience, is_shown in (("everybody", True), ("contacts", False), ("nobody", False)):
        set_privacy(anna, **{key: audience})
        assert (seen_by(viewer, anna)[field] is not None) == is_shown
    set_privacy(anna, **{key: "contacts"})
    make_contacts(viewer, anna)
    assert seen_by(viewer, anna)[field] is not None
    assert seen_by(viewer, anna)["is_contact"]


@pytest.mark.parametrize(
    ("age", "words"), [(0, "recently"), (3.5, "within_week"), (8, "within_month"), (31, "long_ago"), (None, "long_ago")]
)
def test_a_hidden_last_seen_is_told_in_words(viewer, anna, age, words):
    anna.last_seen_at = None if age is None else timezone.now() - timedelta(days=age)
    set_privacy(anna, last_seen="nobody")
    shown = seen_by(viewer, anna)
    assert (shown["last_seen"], shown["last_seen_at"], shown["online"]) == (words, None, None)


def test_who_hides_their_last_seen_sees_nobody_elses(viewer, anna):
    set_privacy(viewer, last_seen="nobody")
    assert seen_by(viewer, anna)["last_seen_at"] is None
    set_privacy(viewer, last_seen="nobody", exceptions={"last_seen": {"always": [anna.pk]}})
    assert seen_by(viewer, anna)["last_seen"] == "exact"


def test_one_sees_oneself_whole(anna):
    set_privacy(anna, last_seen="nobody", phone="nobody")
    shown = seen_by(anna, anna)
    assert (shown["phone"], shown["last_seen"]) == ("+4930123456", "exact")
    assert shown["last_seen_at"] == SEEN.strftime("%Y-%m-%dT%H:%M:42.000000Z")


def test_whom_somebody_blocked_sees_their_names_and_nothing_else(viewer, anna):
    make_contacts(viewer, anna)
    anna.avatar_key = "avatars/0123abcd.webp"
    set_privacy(anna, phone="everybody", email="everybody", exceptions={"phone": {"always": [viewer.pk]}})
    mark_online([anna.pk])
    BlockedUser.objects.create(blocker=anna, blocked=viewer)
    shown = seen_by(viewer, anna)
    assert (shown["username"], shown["display_name"], shown["last_seen"]) == ("anna", "Anna", "long_ago")
    hidden = ("avatar_url", "bio", "phone", "email", "online", "last_seen_at")
    assert {field: shown[field] for field in hidden} == dict.fromkeys(hidden)
    assert not shown["is_blocked"]


def test_what_several_people_are_told_alike_is_no_more_than_a_blocked_one_may_know(anna):
    anna.avatar_key = "avatars/0123abcd.webp"
    set_privacy(anna, phone="everybody", email="everybody")
    mark_online([anna.pk])
    shown = person(get_people_as_anyone(user_ids=[anna.pk])[anna.pk])
    assert (shown["username"], shown["display_name"], shown["last_seen"]) == ("anna", "Anna", "long_ago")
    assert [shown[field] for field in ("bio", "phone", "email", "online", "last_seen_at")] == [None] * 5
    # Fetching it is judged.
    assert shown["avatar_url"]


def test_who_blocks_somebody_hides_their_last_seen_and_sees_not_theirs(viewer, anna):
    BlockedUser.objects.create(blocker=viewer, blocked=anna)
    shown = seen_by(viewer, anna)
    assert (shown["is_blocked"], shown["last_seen"], shown["online"]) == (True, "long_ago", None)
    assert shown["bio"] == "Hello"


def test_who_has_a_socket_is_online(viewer, anna):
    mark_online([anna.pk])
    assert seen_by(viewer, anna)["online"] is True


def test_a_closed_account_has_no_name(viewer, anna):
    User.objects.filter(pk=anna.pk).update(is_active=False, username=None, email=None)
    expected = {"id": anna.pk, "username": None, "display_name": "Deleted Account", "avatar_url": None}
    anna.refresh_from_db()
    assert author(anna) == expected
    assert expected.items() <= seen_by(viewer, anna).items()
    assert Api.of(viewer).get(f"users/{anna.pk}").status_code == 404


def test_many_people_cost_one_query(viewer, django_assert_num_queries):
    ids = [UserFactory().pk for _ in range(20)]
    with django_assert_num_queries(1):
        people = get_people(viewer=viewer, user_ids=[*ids, new_cuid()])
        assert [person(people[user_id])["id"] for user_id in ids] == ids
    assert set(people) == set(ids)
    with django_assert_num_queries(0):
        assert get_people(viewer=viewer, user_ids=[]) == {}


def test_somebody_is_found_by_id_and_by_username(viewer, anna):
    api = Api.of(viewer)
    for reference in (anna.pk, "@anna", "@ANNA"):
        answer = api.get(f"users/{reference}")
        assert (answer.status_code, answer.json()["id"]) == (200, anna.pk)


def test_a_username_in_the_form_of_an_id_is_no_id(viewer):
    username = f"c{'a' * 24}"
    UserFactory(username=username)
    assert Api.of(viewer).get(f"users/{username}").status_code == 404
    assert Api.of(viewer).get(f"users/@{username}").status_code == 200


@pytest.mark.parametrize("reference", ["anna", "@nobody", "@", "x", "%00", "@%00", "@anna%00", "é", "c" + "0" * 24])
def test_who_is_not_there_is_404(viewer, anna, reference):
    answer = Api.of(viewer).get(f"users/{reference}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_username_finds_also_whom_search_does_not(viewer, anna):
    set_privacy(anna, discoverable=False)
    assert get_person(viewer=viewer, reference="@anna").user == anna
    assert search(viewer, "anna") == []


def search(viewer, query, **params):
    answer = Api.of(viewer).get(f"users/search?q={query}&limit={params.get('limit', 50)}")
    assert answer.status_code == 200, answer.content
    return [each["username"] for each in answer.json()["results"]]


def test_usernames_are_not_to_be_tried_out(viewer, anna, settings, monkeypatch):
    settings.RATE_LIMITS = True
    monkeypatch.setattr(lookups, "LOOKUPS_AN_HOUR", 2)
    api = Api.of(viewer)
    assert [api.get(f"users/@{name}").status_code for name in ("anna", "nobody", "anna", "nobody")] == [
        200,
        404,
        429,
        429,
    ]
    assert api.get(f"users/{anna.pk}").status_code == 200
    assert api.post("contacts/requests", {"username": "anna"}).status_code == 429
    report = {"target_type": "USER", "user_id": "@anna", "reason": "spam"}
    assert api.post("reports", report).status_code == 404
    own = Browser()
    own.sign_in(viewer)
    assert own.get("/people/@anna").status_code == 429
    for path, field in (("/new/", "username"), ("/new/group/", "usernames"), ("/settings/privacy/blocked", "username")):
        page = own.post(path, {field: "anna", "title": "x", "csrfmiddlewaretoken": own.csrf_token})
        assert page.status_code in (400, 429), path


def test_the_picker_of_people_counts_as_search(viewer, anna, settings):
    settings.RATE_LIMITS, settings.SEARCHES_PER_MINUTE = True, 1
    own = Browser()
    own.sign_in(viewer)
    assert ["@anna" in own.get("/new/people?q=an").content.decode() for _ in range(2)] == [True, False]


def test_search_goes_by_the_beginning_of_names_whatever_their_case(viewer, anna):
    UserFactory(username="otto", display_name="ANNABEL Übermut")
    UserFactory(username="hanna", display_name="Hanna")
    assert search(viewer, "Ann") == ["anna", "otto"]
    assert search(viewer, "@ANNA") == ["anna", "otto"]
    assert search(viewer, "annabel ü") == ["otto"]
    assert search(viewer, "zz") == []


@pytest.mark.parametrize("query", ["", "%20", "@", "%25", "_", "%5C", "a%25", "%27"])
def test_search_has_no_wildcards_and_finds_nothing_by_nothing(viewer, anna, query):
    assert search(viewer, query) == []


def test_search_never_shows_who_blocked_the_viewer_nor_closed_accounts(viewer, anna):
    berta = UserFactory(username="annberta")
    BlockedUser.objects.create(blocker=anna, blocked=viewer)
    User.objects.filter(pk=berta.pk).update(is_active=False, username=None, email=None)
    assert search(viewer, "ann") == []
    BlockedUser.objects.all().delete()
    BlockedUser.objects.create(blocker=viewer, blocked=anna)
    assert search(viewer, "ann") == ["anna"]


def test_somebody_without_the_setting_is_discoverable(viewer, anna):
    settings = default_privacy_settings()
    del settings["discoverable"]
    User.objects.filter(pk=anna.pk).update(privacy_settings=settings)
    assert search(viewer, "anna") == ["anna"]


def test_search_pages_without_gaps_or_repeats(viewer):
    names = sorted(UserFactory(username=f"berta{number}").username for number in range(7))
    api, found, cursor = Api.of(viewer), [], ""
    while cursor is not None:
        page = api.get(f"users/search?q=berta&limit=3{cursor and f'&cursor={cursor}'}").json()
        found += [each["username"] for each in page["results"]]
        cursor = page["next"]
    assert found == names


def test_a_cursor_of_another_search_is_refused(viewer):
    for number in range(3):
        UserFactory(username=f"berta{number}")
    api = Api.of(viewer)
    cursor = api.get("users/search?q=berta&limit=1").json()["next"]
    assert api.get(f"users/search?q=berta1&cursor={cursor}").status_code == 400


@pytest.mark.parametrize("query", ["%00", "a%00", "x" * 65])
def test_a_query_that_is_no_text_or_too_long_is_refused(viewer, query):
    answer = Api.of(viewer).get(f"users/search?q={query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["q"])


def test_unknown_query_parameters_are_ignored(viewer, anna):
    assert Api.of(viewer).get("users/search?q=anna&colour=red").status_code == 200


def test_search_costs_the_same_however_many_it_finds(viewer, django_assert_num_queries):
    for number in range(20):
        UserFactory(username=f"berta{number}")
    api = Api.of(viewer)
    api.get("users/me")
    with django_assert_num_queries(2):
        assert len(api.get("users/search?q=berta").json()["results"]) == 20


def test_pairs_are_asked_both_ways(viewer, anna):
    assert not are_contacts(viewer.pk, anna.pk)
    assert not blocked_between(viewer.pk, anna.pk)
    make_contacts(viewer, anna)
    BlockedUser.objects.create(blocker=anna, blocked=viewer)
    for one, other in ((viewer.pk, anna.pk), (anna.pk, viewer.pk)):
        assert are_contacts(one, other)
        assert blocked_between(one, other)


def test_a_pending_request_makes_no_contact(viewer, anna):
    ContactRequest.objects.create(from_user=viewer, to_user=anna)
    assert not are_contacts(viewer.pk, anna.pk)
    assert not seen_by(viewer, anna)["is_contact"]

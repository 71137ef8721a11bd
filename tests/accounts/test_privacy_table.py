"""What each key of the privacy settings shows: by value, by relation, by exceptions."""

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import policies
from accounts.models import BlockedUser, ContactRequest, User
from accounts.presence import mark_online
from accounts.privacy import AUDIENCE_KEYS, default_privacy_settings
from accounts.selectors.people import get_people
from accounts.selectors.presence import presence_sights
from chat_project.core.db.cuid import new_cuid
from conversations.models import Conversation, ConversationMember
from tests.accounts.clients import Api
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

RELATIONS = ("stranger", "contact", "i_blocked", "blocked_me")
EXCEPTIONS: tuple[dict[str, bool], ...] = ({}, {"always": True}, {"never": True}, {"always": True, "never": True})
SETTINGS = list(itertools.product(("everybody", "contacts", "nobody"), EXCEPTIONS))


@pytest.fixture
def anna():
    return UserFactory(username="anna", phone="+4930123456", avatar_key="avatars/0123abcd.webp")


@pytest.fixture
def viewer():
    return UserFactory(username="viewer")


def is_shown(key: str, value: str, relation: str, exceptions: dict[str, bool]) -> bool:
    """Return what must come out, said once more and in other words than the program's."""
    if relation == "blocked_me":
        return False
    # Who blocks somebody has nothing to do with them: they don't see when, nor can they write or invite.
    if relation == "i_blocked" and key in ("last_seen", "direct_messages", "group_invites"):
        return False
    if "never" in exceptions:
        return False
    if "always" in exceptions:
        return True
    return {"everybody": True, "contacts": relation == "contact", "nobody": False}[value]


def stand(viewer: User, anna: User, relation: str) -> None:
    if relation == "contact":
        ContactRequest.objects.create(from_user=viewer, to_user=anna, status="ACCEPTED")
    elif relation == "i_blocked":
        BlockedUser.objects.create(blocker=viewer, blocked=anna)
    elif relation == "blocked_me":
        BlockedUser.objects.create(blocker=anna, blocked=viewer)


def is_forwarded(viewer: User, anna: User) -> bool:
    """There is no call for forwarding yet: the rule, and blocks beside it."""
    [person] = get_people(viewer=viewer, user_ids=[anna.pk]).values()
    return policies.shows(person, "forwards")


def is_shown_over_rest(key: str, viewer: User, anna: User) -> bool:
    api = Api.of(viewer)
    match key:
        case "last_seen":
            seen = api.get(f"users/{anna.pk}").json()
            assert (seen["online"] is None) == (seen["last_seen"] != "exact")
            return seen["online"] is True
        case "profile_photo":
            return api.get(f"users/{anna.pk}").json()["avatar_url"] is not None
        case "phone" | "email":
            return api.get("users/@anna").json()[key] is not None
        case "direct_messages":
            answer = api.post("conversations", {"type": "DM", "user_id": anna.pk})
            Conversation.objects.all().delete()
            assert answer.status_code in (201, 403)
            return answer.status_code == 201
        case "group_invites":
            made = api.post("conversations", {"type": "GROUP", "title": "Hikers", "member_ids": [anna.pk]}).json()
            return anna.pk not in made["not_added"]
    raise AssertionError(key)


@pytest.mark.parametrize("key", AUDIENCE_KEYS)
@pytest.mark.parametrize("relation", RELATIONS)
def test_each_key_shows_what_its_value_the_relation_and_the_exceptions_say(anna, viewer, key, relation):
    stand(viewer, anna, relation)
    mark_online([anna.pk])
    shown, expected = {}, {}
    for value, exceptions in SETTINGS:
        lists = {key: {name: [viewer.pk] for name in exceptions}}
        anna.privacy_settings = {**default_privacy_settings(), key: value, "exceptions": lists}
        anna.save()
        case = (value, *exceptions)
        expected[case] = is_shown(key, value, relation, exceptions)
        shown[case] = is_forwarded(viewer, anna) if key == "forwards" else is_shown_over_rest(key, viewer, anna)
    assert shown == expected


def test_privacy_costs_no_query_a_person(viewer, django_assert_num_queries):
    for number in range(100):
        person = UserFactory(username=f"berta{number}", display_name="Berta")
        stand(viewer, person, RELATIONS[number % 3])
        person.privacy_settings["exceptions"] = {key: {"always": [viewer.pk]} for key in AUDIENCE_KEYS}
        person.save()
    api = Api.of(viewer)
    api.get("users/me")
    for limit in (5, 100):
        with django_assert_num_queries(2):
            assert len(api.get(f"users/search?q=berta&limit={limit}").json()["results"]) == limit
    everybody = list(User.objects.filter(display_name="Berta"))
    group = Conversation.objects.create(type="GROUP", title="Hikers", owner=viewer, member_count=101)
    ConversationMember.objects.bulk_create(
        ConversationMember(conversation=group, user=user, role="MEMBER") for user in (viewer, *everybody)
    )
    for user in everybody:
        dm = Conversation.objects.create(type="DM", dm_key=":".join(sorted((viewer.pk, user.pk))), member_count=2)
        ConversationMember.objects.bulk_create(
            ConversationMember(conversation=dm, user=each, role="MEMBER") for each in (viewer, user)
        )
    for path in (f"conversations/{group.pk}/members?", "conversations?type=DM&"):
        costs = []
        for limit in (5, 100):
            with CaptureQueriesContext(connection) as statements:
                assert len(api.get(f"{path}limit={limit}").json()["results"]) == limit
            costs.append(len(statements))
        assert costs[0] == costs[1] <= 5
    pairs = [(viewer.pk, person.pk) for person in everybody]
    for count in (5, 100):
        with django_assert_num_queries(3):
            assert presence_sights(pairs[:count])


def test_presence_is_judged_of_a_pair_as_a_card_shows_it(anna, viewer):
    for relation in RELATIONS:
        ContactRequest.objects.all().delete()
        BlockedUser.objects.all().delete()
        stand(viewer, anna, relation)
        for value, hides in itertools.product(("everybody", "contacts", "nobody"), (True, False)):
            anna.privacy_settings["last_seen"] = value
            anna.save()
            viewer.privacy_settings["last_seen"] = "nobody" if hides else "everybody"
            viewer.save()
            card = Api.of(viewer).get(f"users/{anna.pk}").json()
            assert ((viewer.pk, anna.pk) in presence_sights([(viewer.pk, anna.pk)])) == (card["last_seen"] == "exact")
    assert presence_sights([(viewer.pk, viewer.pk)])
    assert not presence_sights([(viewer.pk, new_cuid()), (new_cuid(), anna.pk)])

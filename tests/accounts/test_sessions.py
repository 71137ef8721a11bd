from datetime import timedelta

import pytest
import redis
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db.models import F
from django.utils import timezone

from accounts import session_cache
from accounts.models import User, UserSession
from accounts.selectors.sessions import live_session_ids
from accounts.services.authentication import Identity, authenticate_access
from accounts.services.cleanup import cleanup_sessions
from accounts.services.sessions import end_all_sessions
from accounts.session_cache import SessionEndedError
from chat_project.core.db.cuid import new_cuid
from chat_project.core.realtime.shards import group_of
from moderation.models import AuditLog
from tests.accounts.clients import Api, signed_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def phone(anna):
    return signed_in(anna, "Phone")


@pytest.fixture
def laptop(anna):
    return signed_in(anna, "Laptop")


def works(signed):
    return authenticate_access(signed.tokens.access) is not None


def test_the_list_shows_live_devices_newest_first_and_marks_this_one(phone, laptop):
    UserSession.objects.filter(id=signed_in(phone.user).session.id).update(revoked_at=timezone.now())
    UserSession.objects.filter(id=signed_in(phone.user).session.id).update(expires_at=timezone.now())
    page = Api(phone.tokens.access).get("auth/sessions").json()
    assert [(row["device_name"], row["current"]) for row in page["results"]] == [("Laptop", False), ("Phone", True)]
    assert page["next"] is None


def test_the_list_is_paged(phone, laptop):
    api = Api(phone.tokens.access)
    first = api.get("auth/sessions?limit=1").json()
    second = api.get(f"auth/sessions?limit=1&cursor={first['next']}").json()
    assert [page["results"][0]["id"] for page in (first, second)] == [laptop.session.id, phone.session.id]
    assert second["next"] is None


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=-1", "limit=²", "cursor=x", "cursor=a.b.c", "cursor=%00"]
)
def test_a_bad_page_is_refused(phone, query):
    answer = Api(phone.tokens.access).get(f"auth/sessions?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


def test_a_cursor_with_another_mac_or_of_another_person_is_refused(phone, laptop):
    cursor = Api(phone.tokens.access).get("auth/sessions?limit=1").json()["next"]
    key_id, position, _ = cursor.split(".")
    for api, bad in ((Api(phone.tokens.access), f"{key_id}.{position}.é"), (Api.of(UserFactory()), cursor)):
        assert api.get(f"auth/sessions?cursor={bad}").json()["code"] == "invalid_cursor"


def test_a_warm_call_costs_no_query_but_its_own(phone, django_assert_num_queries):
    api = Api(phone.tokens.access)
    api.get("auth/sessions")
    with django_assert_num_queries(1):
        api.get("auth/sessions")


def test_the_number_of_sessions_does_not_change_the_number_of_queries(anna, phone, django_assert_num_queries):
    for _ in range(10):
        signed_in(anna)
    api = Api(phone.tokens.access)
    api.get("auth/sessions")
    with django_assert_num_queries(1):
        assert len(api.get("auth/sessions").json()["results"]) == 11


def test_an_ended_sessions_token_fails_at_once_though_it_was_cached(phone, laptop):
    assert works(laptop)
    assert Api(phone.tokens.access).delete(f"auth/sessions/{laptop.session.id}").status_code == 204
    assert not works(laptop)
    assert Api(laptop.tokens.access).get("users/me").status_code == 401
    assert works(phone)


def test_sessions_that_are_not_mine_or_not_live_are_not_there(phone, laptop):
    stranger = signed_in(UserFactory())
    api = Api(phone.tokens.access)
    api.delete(f"auth/sessions/{laptop.session.id}")
    for session_id in (stranger.session.id, laptop.session.id, new_cuid(), "x", "%00"):
        answer = api.delete(f"auth/sessions/{session_id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert works(stranger)


def test_all_others_end_and_this_one_stays(anna, phone, laptop):
    tablet = signed_in(anna)
    assert Api(phone.tokens.access).delete("auth/sessions").status_code == 204
    assert [works(device) for device in (phone, laptop, tablet)] == [True, False, False]


def test_signing_out_ends_this_session_alone(phone, laptop):
    assert Api(phone.tokens.access).post("auth/logout").status_code == 204
    assert [works(phone), works(laptop)] == [False, True]
    assert Api(phone.tokens.access).post("auth/logout").status_code == 401


def test_signing_out_takes_no_fields(phone):
    answer = Api(phone.tokens.access).post("auth/logout", {"everywhere": True})
    assert list(answer.json()["errors"]) == ["everywhere"]
    assert works(phone)


def test_a_reader_that_comes_late_does_not_bring_an_ended_session_back(phone):
    assert works(phone)
    read_before_the_end = session_cache.find(phone.session.id)
    cache.clear()
    Api(phone.tokens.access).post("auth/logout")
    session_cache.store(read_before_the_end)
    with pytest.raises(SessionEndedError):
        session_cache.find(phone.session.id)
    assert not works(phone)


def test_without_redis_the_database_is_asked(phone, laptop, settings):
    assert works(phone)
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock?db=0"}}
    assert works(phone)
    Api(phone.tokens.access).delete(f"auth/sessions/{laptop.session.id}")
    assert [works(phone), works(laptop)] == [True, False]


def test_the_ends_of_sessions_are_told_to_sockets(anna, phone, laptop):
    prefix = django_settings.CHANNEL_LAYERS["default"]["CONFIG"]["prefix"]
    listener = redis.Redis.from_url(django_settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0]).pubsub()
    listener.psubscribe(f"{prefix}__group__{group_of(0)[:-1]}*")
    listener.get_message(timeout=2)
    Api(phone.tokens.access).delete("auth/sessions")
    # A server of other tests may beat on the same Redis: its publishes hold no events.
    while laptop.session.id.encode() not in (message := listener.get_message(timeout=2))["data"]:
        pass
    listener.close()
    assert b"session.revoked" in message["data"]


def test_the_oldest_session_makes_room(anna, settings):
    settings.SESSIONS_PER_ACCOUNT = 2
    first, second, third = (signed_in(anna) for _ in range(3))
    assert [works(device) for device in (first, second, third)] == [False, True, True]
    assert UserSession.objects.get(id=first.session.id).revoke_reason == "too_many"


def test_a_raised_auth_version_makes_every_token_before_it_worthless(anna, phone):
    User.objects.update(auth_version=2)
    assert not works(phone)
    assert authenticate_access(signed_in(User.objects.get()).tokens.access) is not None


def test_who_is_suspended_or_closed_has_no_live_session(phone, laptop):
    ids = [phone.session.id, laptop.session.id, new_cuid()]
    assert live_session_ids(ids) == set(ids[:2])
    User.objects.update(is_suspended=True)
    assert live_session_ids(ids) == set()
    assert not works(phone)
    User.objects.update(suspended_until=timezone.now())
    assert live_session_ids(ids) == set(ids[:2])
    User.objects.update(is_active=False)
    assert live_session_ids(ids) == set()


def test_an_operator_ends_all_sessions_and_stands_in_the_audit_log(anna, phone, laptop, outsider):
    end_all_sessions(user_id=anna.pk, reason="suspended", actor_id=outsider.pk)
    assert not works(phone)
    rows = AuditLog.objects.filter(action="session.revoked", resource_id__in=[phone.session.id, laptop.session.id])
    assert [(row.actor_id, row.details) for row in rows] == [(outsider.pk, {"reason": "suspended"})] * 2


def test_use_is_noted_at_most_once_in_five_minutes(anna, phone):
    long_ago = timezone.now() - timedelta(minutes=6)
    UserSession.objects.update(last_used_at=long_ago, expires_at=F("expires_at") - timedelta(days=1))
    User.objects.update(last_seen_at=long_ago)
    assert works(phone)
    noted = UserSession.objects.get()
    assert noted.last_used_at > long_ago
    assert noted.expires_at - timezone.now() > timedelta(days=29, hours=23)
    assert User.objects.get().last_seen_at >= noted.last_used_at
    cache.clear()
    assert works(phone)
    assert UserSession.objects.get().last_used_at == noted.last_used_at


def test_an_identity_names_the_person_the_session_and_the_version(anna, phone):
    expected = Identity(user_id=anna.pk, session_id=phone.session.id, auth_version=1)
    assert authenticate_access(phone.tokens.access) == expected


def test_cleanup_deletes_what_expired_a_month_ago_and_nothing_else(phone, laptop):
    UserSession.objects.filter(id=phone.session.id).update(expires_at=timezone.now() - timedelta(days=29))
    UserSession.objects.filter(id=laptop.session.id).update(expires_at=timezone.now() - timedelta(days=31))
    assert cleanup_sessions() == 1
    assert UserSession.objects.get().id == phone.session.id


def test_a_token_of_somebody_who_is_purged_is_worthless(anna, phone):
    assert works(phone)
    User.objects.all().delete()
    assert Api(phone.tokens.access).get("users/me").status_code == 401

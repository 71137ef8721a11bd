import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts.models import User, UserSession
from tests.accounts.clients import Api, signed_in
from tests.factories import UserFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def first(anna):
    return signed_in(anna).tokens


def refreshed(token):
    return Api().post("auth/refresh", {"refresh": token})


def works(access):
    return Api(access).get("users/me").status_code == 200


def let_the_grace_pass():
    UserSession.objects.update(rotated_at=F("rotated_at") - timedelta(seconds=11))


def code_of(answer):
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    return answer.json()["code"]


def test_a_refresh_gives_a_new_pair(first):
    answer = refreshed(first.refresh)
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"access", "refresh", "expires_in"}
    assert body["refresh"] != first.refresh
    assert works(body["access"])
    assert not answer.cookies


def test_the_access_token_before_stays_good_till_its_end(first):
    refreshed(first.refresh)
    assert works(first.access)


def test_a_dead_token_ends_its_whole_session(first):
    second = refreshed(first.refresh).json()
    let_the_grace_pass()
    assert code_of(refreshed(first.refresh)) == "refresh_token_reused"
    assert not works(first.access)
    assert not works(second["access"])
    assert code_of(refreshed(second["refresh"])) == "invalid_token"
    assert UserSession.objects.get().revoke_reason == "token_reused"


def test_a_dead_token_is_recognised_however_old_and_as_often_as_it_comes(first):
    token = first.refresh
    for _ in range(3):
        token = refreshed(token).json()["refresh"]
    assert code_of(refreshed(first.refresh)) == "refresh_token_reused"
    assert code_of(refreshed(first.refresh)) == "refresh_token_reused"


def test_only_the_session_of_the_dead_token_ends(anna, first):
    other = signed_in(anna).tokens
    refreshed(first.refresh)
    let_the_grace_pass()
    refreshed(first.refresh)
    assert works(other.access)


def test_the_token_just_rotated_gets_the_same_pair_again(first):
    once, again = refreshed(first.refresh).json(), refreshed(first.refresh).json()
    assert (once["access"], once["refresh"]) == (again["access"], again["refresh"])
    assert refreshed(again["refresh"]).status_code == 200


def test_the_grace_is_for_the_last_token_alone(first):
    second = refreshed(first.refresh).json()["refresh"]
    refreshed(second)
    assert code_of(refreshed(first.refresh)) == "refresh_token_reused"


def test_refreshes_at_once_agree(first):
    pairs, start = [], threading.Barrier(4)

    def refresh():
        start.wait(5)
        pairs.append(refreshed(first.refresh).json())
        connection.close()

    threads = [threading.Thread(target=refresh) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len({(pair["access"], pair["refresh"]) for pair in pairs}) == 1
    assert len(pairs) == 4
    assert UserSession.objects.get().rotation == 2
    assert refreshed(pairs[0]["refresh"]).status_code == 200


def test_a_forged_token_changes_nothing(anna, first):
    version, key_id, session_id, rotation, mac = first.refresh.split(".")
    other = signed_in(anna).tokens.refresh.split(".")
    forged = [
        ".".join((version, key_id, session_id, "1", mac[:-1] + ("A" if mac[-1] != "A" else "B"))),
        ".".join((version, key_id, session_id, "2", mac)),
        ".".join((version, key_id, session_id, "01", mac)),
        ".".join((version, "000000", session_id, rotation, mac)),
        ".".join((version, key_id, other[2], rotation, mac)),
        ".".join(("a1", key_id, session_id, rotation, mac)),
        first.refresh[:-1],
        first.refresh + "é",
        "r1.é.é.é.é",
        first.access,
        "x",
    ]
    for token in forged:
        assert code_of(refreshed(token)) == "invalid_token", token
    assert works(first.access)
    assert refreshed(first.refresh).status_code == 200


def test_the_tokens_of_an_ended_or_expired_session_are_dead(first):
    UserSession.objects.update(expires_at=timezone.now())
    assert code_of(refreshed(first.refresh)) == "invalid_token"
    UserSession.objects.update(expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now())
    assert code_of(refreshed(first.refresh)) == "invalid_token"


def test_who_is_suspended_gets_no_new_pair(first):
    User.objects.update(is_suspended=True)
    answer = refreshed(first.refresh)
    assert (answer.status_code, answer.json()["code"]) == (403, "account_suspended")


def test_tokens_of_the_key_before_are_good_while_it_is_a_fallback(first, settings):
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [old]
    assert works(first.access)
    second = refreshed(first.refresh).json()
    assert second["refresh"].split(".")[1] != first.refresh.split(".")[1]
    settings.SECRET_KEY_FALLBACKS = []
    assert not works(first.access)
    assert works(second["access"])
    let_the_grace_pass()
    assert code_of(refreshed(first.refresh)) == "invalid_token"


def test_an_access_token_lives_a_quarter_of_an_hour(first):
    assert 895 < first.expires_in <= 900
    UserSession.objects.update(rotated_at=timezone.now() - timedelta(seconds=890))
    second = refreshed(first.refresh).json()
    assert 895 < second["expires_in"] <= 900


def test_an_expired_access_token_is_refused(anna, settings):
    settings.ACCESS_TOKEN_SECONDS = 0
    assert not works(signed_in(anna).tokens.access)


def test_use_moves_the_end_of_a_session_but_not_past_half_a_year(first):
    born = timezone.now() - timedelta(days=160)
    UserSession.objects.update(created_at=born, expires_at=timezone.now() + timedelta(days=1))
    refreshed(first.refresh)
    assert UserSession.objects.get().expires_at == born + timedelta(days=180)
    UserSession.objects.update(created_at=timezone.now() - timedelta(days=10))
    refreshed(refreshed(first.refresh).json()["refresh"])
    assert timedelta(days=29) < UserSession.objects.get().expires_at - timezone.now() <= timedelta(days=30)


@pytest.mark.parametrize("body", [{}, {"refresh": 5}, {"refresh": None}, {"refresh": "x", "access": "y"}])
def test_a_body_of_another_shape_is_refused(body):
    assert Api().post("auth/refresh", body).status_code == 400


@pytest.mark.parametrize("token", ["", "x", "Bearer", "a1.é", "a1.000000.c.c.1.1.x"])
def test_a_bad_access_token_is_401(token):
    answer = Api().get("users/me", Authorization=f"Bearer {token}")
    assert code_of(answer) == "invalid_token"


def test_every_part_of_an_access_token_is_under_its_mac(first, anna):
    kind, key_id, session_id, user_id, auth_version, expires_at, mac = first.access.split(".")
    other = UserFactory()
    for parts in (
        (kind, key_id, session_id, other.pk, auth_version, expires_at, mac),
        (kind, key_id, session_id, user_id, "2", expires_at, mac),
        (kind, key_id, session_id, user_id, auth_version, str(int(expires_at) + 60), mac),
    ):
        assert not works(".".join(parts))
    assert works(first.access)


def test_a_dead_token_among_refreshes_at_once_ends_the_session_for_all(first):
    second = refreshed(first.refresh).json()["refresh"]
    let_the_grace_pass()
    answers = at_once(lambda: refreshed(first.refresh), lambda: refreshed(second))
    assert code_of(answers[0]) == "refresh_token_reused"
    assert answers[1].status_code in {200, 401}
    assert UserSession.objects.get().revoke_reason == "token_reused"
    if answers[1].status_code == 200:
        assert not works(answers[1].json()["access"])
        assert code_of(refreshed(answers[1].json()["refresh"])) == "invalid_token"


def test_a_refresh_and_a_sign_out_at_once_leave_nothing_alive(first):
    answers = at_once(lambda: refreshed(first.refresh), lambda: Api(first.access).post("auth/logout"))
    assert answers[1].status_code == 204
    assert answers[0].status_code in {200, 401}
    for access in (first.access, answers[0].json().get("access")):
        assert access is None or not works(access)
    assert UserSession.objects.get().revoke_reason == "signed_out"


def test_many_refreshes_at_once_and_again_lose_no_session(first):
    token = first.refresh
    for turn in range(2, 5):
        pairs = [answer.json() for answer in at_once(*[lambda token=token: refreshed(token)] * 3)]
        assert len({pair["refresh"] for pair in pairs}) == 1
        token = pairs[0]["refresh"]
        assert UserSession.objects.get().rotation == turn
    assert works(pairs[0]["access"])

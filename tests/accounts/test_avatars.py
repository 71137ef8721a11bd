from typing import Any

import pytest
from django.test import Client

from accounts.avatars import delete_avatar, store_avatar
from accounts.models import BlockedUser, ContactRequest, User
from chat_project.core.db.cuid import new_cuid
from tests.clients import signed_in
from tests.factories import UserFactory

PICTURE = b"the bytes of a picture"


@pytest.fixture
def sitter(db: Any) -> User:
    """Somebody with a picture."""
    return UserFactory(avatar_key=store_avatar(PICTURE))


@pytest.fixture
def viewer(db: Any) -> User:
    return UserFactory()


def fetch(viewer: User, user_id: str, **headers: str) -> Any:
    headers["Authorization"] = f"Bearer {signed_in(viewer).tokens.access}"
    return Client().get(f"/api/v1/users/{user_id}/avatar", headers=headers)


def test_a_picture_is_asked_for_again_each_time(sitter: User, viewer: User) -> None:
    answer = fetch(viewer, sitter.pk, Accept="image/avif,image/webp")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, PICTURE, "image/webp")
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_picture_that_the_browser_has_is_not_sent_again(sitter: User, viewer: User) -> None:
    etag = fetch(viewer, sitter.pk)["ETag"]
    again = fetch(viewer, sitter.pk, **{"If-None-Match": etag})
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "private, no-cache")


def test_a_picture_that_is_hidden_from_the_viewer_is_not_there_whatever_their_browser_has(
    sitter: User, viewer: User
) -> None:
    etag = fetch(viewer, sitter.pk)["ETag"]
    sitter.privacy_settings["profile_photo"] = "contacts"
    sitter.save()
    assert fetch(viewer, sitter.pk, **{"If-None-Match": etag}).status_code == 404
    ContactRequest.objects.create(from_user=viewer, to_user=sitter, status="ACCEPTED")
    assert fetch(viewer, sitter.pk).status_code == 200


def test_refused_none_and_unknown_answer_alike(sitter: User, viewer: User) -> None:
    BlockedUser.objects.create(blocker=sitter, blocked=viewer)
    closed = UserFactory(
        username=None, email=None, display_name="Closed", is_active=False, avatar_key=store_avatar(PICTURE)
    )
    answers = [fetch(viewer, user_id) for user_id in (sitter.pk, viewer.pk, closed.pk, new_cuid())]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0]["Content-Type"] == "application/problem+json"


def test_a_picture_that_the_storage_has_lost_is_not_there(sitter: User, viewer: User) -> None:
    assert sitter.avatar_key
    delete_avatar(sitter.avatar_key)
    assert fetch(viewer, sitter.pk).status_code == 404


def test_who_hides_their_picture_from_all_sees_it_themselves(sitter: User) -> None:
    sitter.privacy_settings["profile_photo"] = "nobody"
    sitter.save()
    assert fetch(sitter, sitter.pk).status_code == 200


def test_nobody_sees_a_picture_without_signing_in(sitter: User) -> None:
    assert Client().get(f"/api/v1/users/{sitter.pk}/avatar").status_code == 401

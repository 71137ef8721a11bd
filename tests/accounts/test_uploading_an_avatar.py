"""Pictures of people: taken in from whatever was uploaded, kept small and harmless."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from accounts.avatars import SIDE, SMALL_SIDE, small_key
from accounts.discarding import announce_objects
from accounts.models import DiscardedObject, User
from accounts.services import avatars
from accounts.services.cleanup import cleanup_objects
from tests.accounts.clients import Api, Browser
from tests.accounts.pictures import BLUE, HEIC, RED, bomb, on_its_side, opened, picture
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sitter(db: Any) -> User:
    return UserFactory()


def put(api: Api, data: bytes, name: str = "me.png", **fields: str) -> Any:
    body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile(name, data, "image/png"), **fields})
    headers = {"Authorization": f"Bearer {api.access}"}
    return api.client.generic("PUT", "/api/v1/users/me/avatar", body, content_type=MULTIPART_CONTENT, headers=headers)


def stored_files() -> set[str]:
    folder = Path(settings.MEDIA_ROOT) / "avatars"
    return {f"avatars/{path.name}" for path in folder.iterdir()} if folder.exists() else set()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP"])
def test_any_common_picture_becomes_two_webp_squares(sitter, kind):
    api = Api.of(sitter)
    answer = put(api, picture(kind))
    assert answer.status_code == 200, answer.content
    address = answer.json()["avatar_url"].removeprefix("/api/v1/")
    large, small = api.get(address), api.get(f"{address}&size=small")
    assert (large["Content-Type"], small["Content-Type"]) == ("image/webp", "image/webp")
    assert opened(large.content).size == (SIDE, SIDE)
    assert opened(small.content).size == (SMALL_SIDE, SMALL_SIDE)
    assert large["ETag"] != small["ETag"]
    assert len(small.content) < len(picture("PNG", (400, 400))) * 10


def test_a_photograph_is_shown_upright_and_says_nothing_of_its_camera(sitter):
    api = Api.of(sitter)
    data = on_its_side()
    assert b"Camera of Somebody" in data
    stored = api.get(put(api, data).json()["avatar_url"].removeprefix("/api/v1/")).content
    image = opened(stored).convert("RGB")
    above, below = image.getpixel((256, 40)), image.getpixel((256, 470))
    assert max(abs(a - b) for a, b in zip(above, RED, strict=True)) < 40
    assert max(abs(a - b) for a, b in zip(below, BLUE, strict=True)) < 40
    assert b"Camera" not in stored
    assert b"EXIF" not in stored


def test_a_picture_as_telephones_take_it_is_taken_too(sitter):
    api = Api.of(sitter)
    assert b"Camera of Somebody" in HEIC
    stored = api.get(put(api, HEIC, "me.heic").json()["avatar_url"].removeprefix("/api/v1/")).content
    image = opened(stored).convert("RGB")
    assert image.size == (SIDE, SIDE)
    left, right = image.getpixel((40, 256)), image.getpixel((470, 256))
    assert max(abs(a - b) for a, b in zip(left, RED, strict=True)) < 40
    assert max(abs(a - b) for a, b in zip(right, BLUE, strict=True)) < 40
    assert b"Camera" not in stored


def test_what_takes_its_decoder_too_long_is_refused(sitter, monkeypatch):
    monkeypatch.setattr("chat_project.core.heif.SECONDS", 0.001)
    answer = put(Api.of(sitter), HEIC, "me.heic")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["file"])


def test_a_heic_of_too_many_pixels_is_refused(sitter, monkeypatch):
    monkeypatch.setattr("chat_project.core.pictures.MAX_PIXELS", 96 * 64 - 1)
    answer = put(Api.of(sitter), HEIC, "me.heic")
    assert answer.status_code == 400
    assert "million pixels" in answer.json()["errors"]["file"][0]


def test_a_transparent_picture_stays_transparent(sitter):
    api = Api.of(sitter)
    data = picture("PNG", color=RED, transparency=RED)
    stored = api.get(put(api, data).json()["avatar_url"].removeprefix("/api/v1/")).content
    assert opened(stored).mode == "RGBA"


@pytest.mark.parametrize(
    "data",
    {
        "a text": b"this is no picture",
        "half a HEIC": HEIC[:500],
        "a HEIC without a picture": HEIC[:40] + bytes(600),
        "half a picture": picture("JPEG", (900, 900), quality=95)[:2000],
        "half a PNG": picture("PNG", (900, 900))[:120],
        "HTML": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "a bomb": bomb(),
        "a bigger bomb": bomb(9000),
        "a beginning alone": b"\x89PNG\r\n\x1a\n",
        "nothing": b"",
    }.items(),
    ids=lambda case: case[0],
)
def test_what_is_no_picture_is_refused_and_changes_nothing(sitter, data):
    before = stored_files()
    answer = put(Api.of(sitter), data[1])
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["errors"]) == ["file"]
    sitter.refresh_from_db()
    assert sitter.avatar_key is None
    assert stored_files() == before


def test_a_type_that_lies_is_not_believed(sitter):
    assert put(Api.of(sitter), picture("GIF"), name="me.pdf").status_code == 200


def test_a_picture_over_ten_mebibytes_is_413(sitter):
    data = picture("PNG") + bytes(avatars.AVATAR_MAX_BYTES)
    assert put(Api.of(sitter), data).status_code == 413


def test_unknown_fields_and_bodies_that_are_no_form_are_refused(sitter):
    api = Api.of(sitter)
    assert put(api, picture(), colour="red").json()["errors"] == {"colour": ["This field is not known here."]}
    assert api.call("PUT", "users/me/avatar", {"file": "x"}).status_code == 415


def test_a_new_picture_takes_the_place_of_the_old_one(sitter):
    api = Api.of(sitter)
    first = put(api, picture()).json()["avatar_url"]
    sitter.refresh_from_db()
    former = sitter.avatar_key
    second = put(api, picture(color=BLUE)).json()["avatar_url"]
    sitter.refresh_from_db()
    assert first != second
    assert not default_storage.exists(former)
    assert not default_storage.exists(small_key(former))
    assert default_storage.exists(sitter.avatar_key)
    assert not DiscardedObject.objects.exists()


def test_a_picture_that_is_taken_away_is_deleted(sitter):
    api = Api.of(sitter)
    put(api, picture())
    sitter.refresh_from_db()
    assert api.delete("users/me/avatar").json()["avatar_url"] is None
    assert not default_storage.exists(sitter.avatar_key)
    assert api.delete("users/me/avatar").status_code == 200


def test_what_a_crash_leaves_in_the_storage_is_swept(sitter, monkeypatch):
    def crash(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(avatars, "_exchange", crash)
    with pytest.raises(KeyboardInterrupt):
        avatars.change_avatar(user=sitter, file=SimpleUploadedFile("x", picture()), size=100)
    left = set(DiscardedObject.objects.values_list("key", flat=True))
    assert len(left) == 2
    assert left <= stored_files()
    assert cleanup_objects() == 0
    DiscardedObject.objects.update(discarded_at=timezone.now() - timedelta(days=1))
    assert cleanup_objects() == 2
    assert not left & stored_files()


def test_an_object_that_was_never_stored_is_swept_without_complaint(db):
    announce_objects("avatars/never.webp")
    DiscardedObject.objects.update(discarded_at=timezone.now() - timedelta(days=1))
    assert cleanup_objects() == 1


def test_the_page_takes_a_picture_and_takes_it_away_without_script(sitter):
    browser = Browser()
    browser.sign_in(sitter)
    file = SimpleUploadedFile("me.png", picture())
    answer = browser.fill_in("/settings/profile/avatar", file=file)
    assert (answer.status_code, answer["Location"]) == (302, "/settings/profile")
    assert b"Your picture is changed." in browser.get("/settings/profile").content
    sitter.refresh_from_db()
    assert sitter.avatar_key
    browser.fill_in("/settings/profile/avatar", remove="1")
    sitter.refresh_from_db()
    assert sitter.avatar_key is None


def test_the_page_says_what_is_wrong_with_a_picture_beside_its_field(sitter):
    browser = Browser()
    browser.sign_in(sitter)
    answer = browser.fill_in("/settings/profile/avatar", file=SimpleUploadedFile("me.png", b"no picture"))
    assert answer.status_code == 400
    assert b"This is no picture, or a broken one." in answer.content

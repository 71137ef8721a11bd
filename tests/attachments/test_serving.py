"""How bytes are given out: what is shown in a browser, what is kept of names, and what nginx is told."""

import shutil
import unicodedata
from typing import Any

import pytest
from django.conf import LazySettings

from accounts.models import User
from attachments.kinds import NAME_MAX_LENGTH, clean_name
from attachments.models import Attachment
from conversations.models import Conversation
from tests.attachments.files import address, client_of, content_of, photo, processed, uploaded

pytestmark = pytest.mark.django_db

PAGE = b"<!doctype html><script>alert(1)</script>"


def got(user: User, group: Conversation, row: Attachment, **headers: str) -> Any:
    return client_of(user).get(address(group, f"attachments/{row.id}/content"), **headers)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("photo.jpg", PAGE),
        ("page.html", PAGE),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("book.pdf", b"%PDF-1.7\n" + PAGE),
        ("page.xml", b'<?xml version="1.0"?><x/>'),
    ],
)
def test_what_could_run_is_a_download_whatever_it_is_called(
    group: Conversation, owner: User, name: str, data: bytes
) -> None:
    answer = got(owner, group, processed(uploaded(owner, group, data, name)))
    assert content_of(answer) == data
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] not in ("text/html", "image/svg+xml", "text/xml", "application/xhtml+xml")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "private, no-cache"


def test_a_type_that_is_on_no_list_is_a_download_though_the_row_names_it(group: Conversation, owner: User) -> None:
    row = processed(uploaded(owner, group, PAGE))
    for mime_type in ("text/html", "image/svg+xml", "application/pdf", "text/javascript", "image/JPEG; x"):
        Attachment.objects.filter(id=row.id).update(mime_type=mime_type)
        answer = got(owner, group, row)
        assert content_of(answer)
        assert answer["Content-Disposition"].startswith("attachment"), mime_type


def test_a_picture_that_is_called_otherwise_is_shown_as_what_it_is(group: Conversation, owner: User) -> None:
    row = processed(uploaded(owner, group, photo(), "page.html"))
    answer = got(owner, group, row)
    assert content_of(answer)
    assert (row.mime_type, answer["Content-Type"]) == ("image/jpeg", "image/jpeg")
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    saved = client_of(owner).get(address(group, f"attachments/{row.id}/content?download"))
    assert saved["Content-Disposition"].startswith("attachment")
    assert content_of(saved)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", "file"),
        ("a\"b'c;d.txt", "a\"b'c;d.txt"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie: x.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("\u2066a\u2069\u200f.txt", "a.txt"),
        ("\x00\x1b[2J.txt", "[2J.txt"),
        ("  . ", "file"),
    ],
)
def test_a_name_keeps_no_path_no_line_and_no_direction(group: Conversation, owner: User, given: str, kept: str) -> None:
    assert clean_name(given) == kept
    begin = {"file_name": given, "size": 5, "mime_type": "text/plain"}
    answer = client_of(owner).post(address(group, "attachments/presign"), begin, format="json")
    # A NUL is no text of JSON's here.
    assert answer.status_code == (400 if "\x00" in given else 201)


@pytest.mark.parametrize("name", ["n" * 300 + ".tar", "я" * 300 + ".txt", "." * 3 + "x" * 400, "x." + "y" * 400])
def test_a_long_name_is_cut_and_keeps_its_ending(group: Conversation, owner: User, name: str) -> None:
    row = processed(uploaded(owner, group, b"words", name))
    assert 0 < len(row.file_name) <= NAME_MAX_LENGTH
    if name.endswith((".tar", ".txt")):
        assert row.file_name.endswith(name[-4:])
    answer = got(owner, group, row)
    assert content_of(answer) == b"words"
    assert answer["Content-Disposition"].isascii()


@pytest.mark.parametrize(
    "name", ['x"; filename=evil.exe', "zo\u00eb \u2603.txt", "a%0d%0ab.txt", "semi;colon, comma.txt"]
)
def test_a_name_breaks_no_header(group: Conversation, owner: User, name: str) -> None:
    answer = got(owner, group, processed(uploaded(owner, group, b"words", name)))
    header = answer["Content-Disposition"]
    assert content_of(answer) == b"words"
    assert header.isascii()
    assert not [each for each in header if unicodedata.category(each) == "Cc"]
    assert header.startswith(("attachment; filename=", "attachment; filename*="))


def test_nginx_is_told_which_file_and_gives_it_as_what_it_is(
    group: Conversation, owner: User, member: User, settings: LazySettings
) -> None:
    settings.X_ACCEL_LOCATION = "/_media/"
    row = uploaded(owner, group, PAGE, "page.html")
    assert "X-Accel-Redirect" not in got(owner, group, row)
    row = processed(row)
    answer = got(owner, group, row, HTTP_RANGE="bytes=0-3")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["X-Accel-Redirect"] == f"/_media/{row.object_key}"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-cache")
    refused = got(member, group, row)
    assert refused.status_code == 404
    assert "X-Accel-Redirect" not in refused


def test_a_file_that_the_storage_has_lost_is_not_there(
    group: Conversation, owner: User, settings: LazySettings
) -> None:
    row = processed(uploaded(owner, group, b"words"))
    shutil.rmtree(settings.MEDIA_ROOT)
    assert got(owner, group, row).status_code == 404

"""The files of what was reported: kept for moderators, whatever becomes of the message."""

import pytest
from django.core.files.storage import default_storage

from accounts.models import DiscardedObject
from attachments.models import Attachment
from attachments.services.retention import purge_files_of_messages
from moderation.models import AuditLog, ReportFile, UserReport
from moderation.services.retention import drop_reports
from tests.accounts.clients import Browser
from tests.attachments.files import client_of, content_of, photo, processed, send, uploaded
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

QUEUE = "/admin/moderation/userreport/"


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def reported(group, owner, member):
    """The owner's report of a photo by the member, that stands beside a file of words."""
    words = processed(uploaded(member, group, b"words", "words.txt"))
    send(member, group, attachment_ids=[words.id])
    picture = processed(uploaded(member, group, photo(), "photo.jpg"))
    message = send(member, group, attachment_ids=[picture.id]).json()
    return report(owner, group, message)


def report(reporter, group, message):
    body = {"target_type": "MESSAGE", "conversation_id": group.pk, "message_id": message["id"], "reason": "violence"}
    answer = client_of(reporter).post("/api/v1/reports", body, format="json")
    assert answer.status_code == 201, answer.json()
    return UserReport.objects.get(pk=answer.json()["id"])


def browser(person):
    own = Browser()
    own.sign_in(person)
    return own


def address_of(file, query=""):
    return f"{QUEUE}{file.report_id}/files/{file.pk}/{query}"


def test_the_files_outlive_their_messages(reported, moderator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        purge_files_of_messages(list(Attachment.objects.values_list("conversation_id", "message_id")))
    assert not Attachment.objects.exists()
    words = ReportFile.objects.get(file_name="words.txt")
    answer = browser(moderator).get(address_of(words))
    assert content_of(answer) == b"words"
    assert answer["Content-Disposition"] == 'attachment; filename="words.txt"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert not DiscardedObject.objects.filter(key__startswith="evidence/").exists()


def test_a_reports_page_shows_previews_and_leads_to_the_files(reported, moderator):
    own = browser(moderator)
    text = own.get(f"{QUEUE}{reported.pk}/change/").content.decode()
    picture = ReportFile.objects.get(file_name="photo.jpg")
    assert f'src="{address_of(picture, "?preview")}"' in text
    assert all(f'href="{address_of(file)}"' in text for file in ReportFile.objects.all())
    answer = own.get(address_of(picture, "?preview"))
    assert (answer["Content-Type"], content_of(answer)[8:12]) == ("image/webp", b"WEBP")


def test_each_opening_of_a_file_is_audited(reported, moderator):
    file = ReportFile.objects.get(file_name="photo.jpg")
    content_of(browser(moderator).get(address_of(file)))
    row = AuditLog.objects.get(action="evidence.file_opened")
    assert (row.actor_id, row.resource_id, row.details) == (moderator.pk, reported.pk, {"file_id": file.pk})


def test_nobody_else_gets_them(reported, owner, member):
    file = ReportFile.objects.first()
    assert browser(owner).get(address_of(file)).status_code == 302
    assert browser(UserFactory(is_staff=True)).get(address_of(file)).status_code == 403
    assert not AuditLog.objects.filter(action="evidence.file_opened").exists()


def test_a_file_of_another_report_and_a_preview_of_what_is_no_picture_are_404(reported, moderator):
    words = ReportFile.objects.get(file_name="words.txt")
    own = browser(moderator)
    assert own.get(f"{QUEUE}c000000000000000000000000/files/{words.pk}/").status_code == 404
    assert own.get(address_of(words, "?preview")).status_code == 404


def test_what_was_found_harmful_meanwhile_is_not_given_out(reported, moderator):
    words = ReportFile.objects.get(file_name="words.txt")
    Attachment.objects.filter(id=words.attachment_id).update(status="INFECTED", object_key="quarantine/1")
    assert browser(moderator).get(address_of(words)).status_code == 403


def test_a_second_report_of_the_same_leaves_no_objects_behind(reported, group, owner, member):
    before = sorted(default_storage.listdir("evidence")[1])
    body = {"target_type": "MESSAGE", "conversation_id": group.pk, "message_id": reported.message_id, "reason": "spam"}
    assert client_of(owner).post("/api/v1/reports", body, format="json").status_code == 409
    assert sorted(default_storage.listdir("evidence")[1]) == before
    assert not DiscardedObject.objects.filter(key__startswith="evidence/").exists()


def test_what_is_not_ready_is_named_without_its_bytes(group, owner, member, moderator):
    waiting = uploaded(member, group, b"words", "words.txt")
    row = report(owner, group, send(member, group, attachment_ids=[waiting.id]).json())
    assert not ReportFile.objects.exists()
    assert "words.txt" in browser(moderator).get(f"{QUEUE}{row.pk}/change/").content.decode()


def test_they_go_with_their_report(reported, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert drop_reports([(reported.pk,)]) == 1
    assert default_storage.listdir("evidence")[1] == []
    assert not ReportFile.objects.exists()

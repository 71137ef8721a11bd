"""Files before a real clamd: what it finds is never given out, and what it did not scan is not clean."""

import io
import zipfile

import pytest

from attachments.enums import AttachmentStatus
from attachments.errors import ScannerUnavailableError
from messaging.models import Message
from moderation.models import AuditLog
from tests.attachments.conftest import EICAR, FILE_MAX_BYTES, KNOWN_BY_HASH, STREAM_MAX_BYTES
from tests.attachments.files import address, client_of, content_of, processed, send, uploaded

pytestmark = pytest.mark.django_db


def zipped(data):
    """Return an archive with one file."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("letter.txt", data)
    return target.getvalue()


def test_a_clean_file_is_ready_and_scanned(clamd, group, owner):
    row = processed(uploaded(owner, group, b"words"))
    assert (row.status, row.is_scanned, row.scan_result) == (AttachmentStatus.READY, True, "")
    assert content_of(client_of(owner).get(address(group, f"attachments/{row.id}/content"))) == b"words"


@pytest.mark.parametrize("data", [EICAR, b"before " + EICAR + b" after", zipped(EICAR), KNOWN_BY_HASH])
def test_what_is_found_is_infected_and_audited_and_not_given_out(clamd, group, owner, data):
    row = processed(uploaded(owner, group, data))
    assert (row.status, row.is_scanned, row.is_processed) == (AttachmentStatus.INFECTED, True, True)
    assert row.scan_result
    audited = AuditLog.objects.get(action="attachment.infected")
    assert (audited.resource_type, audited.resource_id) == ("attachment", f"{group.pk}:{row.id}")
    assert (audited.actor_id, audited.details) == (None, {})
    for rest in ("content", "thumbnail"):
        answer = client_of(owner).get(address(group, f"attachments/{row.id}/{rest}"))
        assert (answer.status_code, answer.json()["code"]) == (403, "attachment_infected")


def test_what_is_infected_is_not_sent(clamd, group, owner):
    row = processed(uploaded(owner, group, EICAR))
    answer = send(owner, group, attachment_ids=[row.id])
    assert (answer.status_code, answer.json()["code"]) == (400, "attachment_infected")
    assert not Message.objects.filter(conversation_id=group.pk, type="FILE").exists()


def test_members_are_told_that_a_sent_file_is_infected(clamd, group, owner, member):
    row = uploaded(owner, group, EICAR)
    sent = send(owner, group, attachment_ids=[row.id]).json()
    assert processed(row).status == AttachmentStatus.INFECTED
    shown = client_of(member).get(address(group, f"messages/{sent['id']}")).json()
    assert shown["version"] == sent["version"] + 1
    assert shown["attachments"][0]["status"] == AttachmentStatus.INFECTED
    answer = client_of(member).get(address(group, f"attachments/{row.id}/content"))
    assert (answer.status_code, answer.json()["code"]) == (403, "attachment_infected")


def test_a_file_waits_while_clamd_is_down_and_is_ready_when_it_is_back(clamd, group, owner):
    row = uploaded(owner, group, b"words")
    path = address(group, f"attachments/{row.id}/content")
    clamd.stop()
    with pytest.raises(ScannerUnavailableError):
        processed(row)
    assert client_of(owner).get(path).json()["code"] == "attachment_not_ready"
    clamd.start()
    assert processed(row).status == AttachmentStatus.READY
    assert content_of(client_of(owner).get(path)) == b"words"


@pytest.mark.parametrize("size", [FILE_MAX_BYTES + 1, STREAM_MAX_BYTES + 1, 8 * STREAM_MAX_BYTES])
def test_a_file_over_a_limit_of_clamd_fails_with_a_reason(clamd, group, owner, size):
    row = processed(uploaded(owner, group, b"x" * size))
    assert (row.status, row.is_scanned) == (AttachmentStatus.FAILED, False)
    assert row.error == "The scanner takes no file of this size."
    answer = client_of(owner).get(address(group, f"attachments/{row.id}/content"))
    assert (answer.status_code, answer.json()["code"]) == (409, "attachment_not_ready")
    assert not AuditLog.objects.filter(action="attachment.infected").exists()


def test_an_infected_picture_is_not_made_anew(clamd, group, owner):
    row = uploaded(owner, group, b"\x89PNG\r\n\x1a\n" + EICAR)
    row = processed(row)
    assert (row.status, row.thumbnail_key, row.preview_key) == (AttachmentStatus.INFECTED, None, None)

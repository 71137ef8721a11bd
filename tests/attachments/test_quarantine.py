"""What a scanner finds: out of reach, with everything that has the same bytes; and back, where it was wrong."""

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError

from accounts.models import DiscardedObject
from attachments import tasks
from attachments.enums import AttachmentStatus
from attachments.errors import NothingToScanError, NotTakenAwayError, ScannerOffError, ScannerUnavailableError
from attachments.models import Attachment
from attachments.services import quarantine, rescanning
from attachments.services.inspecting import delete_as_staff, rescan_as_staff
from chat_project.core.errors import NotAllowedError
from moderation.models import AuditLog
from tests.attachments.conftest import EICAR, KNOWN_BY_HASH
from tests.attachments.files import address, client_of, content_of, photo, processed, send, uploaded
from tests.factories import UserFactory
from tests.moderation.conftest import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator(db):
    return staff("Moderators")


def key_of(row):
    return {"conversation_id": row.conversation_id, "attachment_id": row.id}


def code_of(person, group, row):
    answer = client_of(person).get(address(group, f"attachments/{row.id}/content"))
    return answer.status_code, content_of(answer) if answer.streaming else answer.json()["code"]


def audited(action):
    return AuditLog.objects.filter(action=action).count()


def unscanned(settings, owner, group, data):
    """Return a file that was taken, and sent, while there was no scanner."""
    clamd_url, settings.CLAMD_URL = settings.CLAMD_URL, ""
    row = processed(uploaded(owner, group, data))
    send(owner, group, attachment_ids=[row.id])
    settings.CLAMD_URL = clamd_url
    row.refresh_from_db()
    return row


def test_what_is_found_moves_to_quarantine(clamd, group, owner, django_capture_on_commit_callbacks):
    row = uploaded(owner, group, EICAR)
    key = row.object_key
    with django_capture_on_commit_callbacks(execute=True):
        row = processed(row)
    assert row.object_key.startswith("quarantine/")
    assert not default_storage.exists(key)
    with default_storage.open(row.object_key) as file:
        assert file.read() == EICAR
    assert not DiscardedObject.objects.exists()


def test_the_table_refuses_to_serve_from_quarantine(group, owner):
    row = processed(uploaded(owner, group, b"words"))
    with pytest.raises(IntegrityError, match="attachments_quarantine_shut"):
        Attachment.objects.filter(id=row.id).update(object_key="quarantine/1")


def test_what_was_taken_without_a_scanner_waits_for_one_that_comes(settings, clamd, group, owner, member):
    row = unscanned(settings, owner, group, b"words")
    assert (row.status, row.is_scanned) == (AttachmentStatus.READY, False)
    assert code_of(member, group, row) == (409, "attachment_not_ready")
    rescanning.rescan(**key_of(row))
    assert code_of(member, group, row) == (200, b"words")


def test_what_a_scanner_finds_later_is_taken_away_and_members_hear_of_it(
    settings, clamd, group, owner, member, django_capture_on_commit_callbacks
):
    row = unscanned(settings, owner, group, EICAR)
    key = row.object_key
    before = client_of(member).get(address(group, f"messages/{row.message_id}")).json()
    with django_capture_on_commit_callbacks(execute=True):
        rescanning.rescan(**key_of(row))
    after = client_of(member).get(address(group, f"messages/{row.message_id}")).json()
    assert after["version"] == before["version"] + 1
    assert after["attachments"][0]["status"] == AttachmentStatus.INFECTED
    assert code_of(member, group, row) == (403, "attachment_infected")
    assert not default_storage.exists(key)
    assert audited("attachment.infected") == 1


def test_a_picture_that_is_taken_away_leaves_no_small_ones(
    settings, clamd, group, owner, django_capture_on_commit_callbacks
):
    row = unscanned(settings, owner, group, photo())
    assert row.placeholder
    small = [row.thumbnail_key, row.preview_key]
    with django_capture_on_commit_callbacks(execute=True):
        assert quarantine.condemn(row, scan_result="Found.Later")
    row.refresh_from_db()
    assert (row.status, row.thumbnail_key, row.preview_key, row.placeholder) == ("INFECTED", None, None, "")
    assert not any(map(default_storage.exists, small))


def test_a_bad_verdict_reaches_every_file_of_the_same_bytes(settings, clamd, group, owner, member):
    first = unscanned(settings, owner, group, KNOWN_BY_HASH)
    other = unscanned(settings, member, group, KNOWN_BY_HASH)
    different = unscanned(settings, member, group, b"words")
    rescanning.rescan(**key_of(first))
    assert quarantine.condemn_copies(sha256=first.sha256) == 1
    for row in (first, other, different):
        row.refresh_from_db()
    assert [row.status for row in (first, other, different)] == ["INFECTED", "INFECTED", "READY"]
    assert other.scan_result == first.scan_result != ""


def test_the_sweep_finds_what_a_killed_worker_left_of_it(settings, clamd, group, owner, member):
    first = unscanned(settings, owner, group, KNOWN_BY_HASH)
    other = unscanned(settings, member, group, KNOWN_BY_HASH)
    rescanning.rescan(**key_of(first))
    assert quarantine.condemn_known() == 1
    assert quarantine.condemn_known() == 0
    other.refresh_from_db()
    assert other.status == AttachmentStatus.INFECTED


def test_what_can_not_be_scanned_later_fails(settings, clamd, group, owner):
    row = unscanned(settings, owner, group, b"words")
    default_storage.delete(row.object_key)
    rescanning.rescan(**key_of(row))
    row.refresh_from_db()
    assert (row.status, row.error) == (AttachmentStatus.FAILED, "The file is gone.")


def test_a_scanner_that_is_down_takes_nothing_away(settings, clamd, group, owner):
    row = unscanned(settings, owner, group, EICAR)
    clamd.stop()
    with pytest.raises(ScannerUnavailableError):
        rescanning.rescan(**key_of(row))
    row.refresh_from_db()
    assert row.status == AttachmentStatus.READY
    assert rescanning.enqueue_unscanned() == 0
    clamd.start()
    assert rescanning.enqueue_unscanned() == 1


def test_a_moderator_has_what_was_found_by_mistake_released(settings, clamd, group, owner, member, moderator):
    row = processed(uploaded(owner, group, KNOWN_BY_HASH))
    copy = processed(uploaded(member, group, KNOWN_BY_HASH))
    clamd.forget_hash()
    rescan_as_staff(actor=moderator, **key_of(row))
    for each in (row, copy):
        each = processed(each)
        assert (each.status, each.scan_result, each.is_scanned) == (AttachmentStatus.READY, "", True)
        assert each.object_key.startswith("attachments/")
    assert content_of(client_of(owner).get(address(group, f"attachments/{row.id}/content"))) == KNOWN_BY_HASH
    assert audited("attachment.released") == 2
    asked = AuditLog.objects.get(action="attachment.rescan_asked")
    assert (asked.actor_id, asked.resource_id) == (moderator.pk, f"{group.pk}:{row.id}")


def test_what_is_found_again_stays_where_it_is(clamd, group, owner, moderator):
    row = processed(uploaded(owner, group, EICAR))
    key = row.object_key
    rescan_as_staff(actor=moderator, **key_of(row))
    row = processed(row)
    assert (row.status, row.object_key) == (AttachmentStatus.INFECTED, key)
    assert default_storage.exists(key)


def test_a_moderator_deletes_the_bytes_and_the_verdict_stays(
    clamd, group, owner, moderator, django_capture_on_commit_callbacks
):
    row = processed(uploaded(owner, group, EICAR))
    with django_capture_on_commit_callbacks(execute=True):
        delete_as_staff(actor=moderator, **key_of(row))
    assert not default_storage.exists(row.object_key)
    assert code_of(owner, group, row) == (403, "attachment_infected")
    assert audited("attachment.bytes_deleted") == 1
    with pytest.raises(NotTakenAwayError):
        delete_as_staff(actor=moderator, **key_of(row))
    with pytest.raises(NothingToScanError):
        rescan_as_staff(actor=moderator, **key_of(row))


def test_what_is_served_is_not_deleted_here(group, owner, moderator):
    row = processed(uploaded(owner, group, b"words"))
    with pytest.raises(NotTakenAwayError):
        delete_as_staff(actor=moderator, **key_of(row))
    assert audited("attachment.bytes_deleted") == 0


def test_without_a_scanner_nothing_is_scanned_again(group, owner, moderator):
    row = processed(uploaded(owner, group, b"words"))
    with pytest.raises(ScannerOffError):
        rescan_as_staff(actor=moderator, **key_of(row))


@pytest.mark.parametrize("act", [rescan_as_staff, delete_as_staff])
def test_only_staff_with_the_right_act_on_files(clamd, group, owner, act):
    row = processed(uploaded(owner, group, EICAR))
    for person in (owner, UserFactory(is_staff=True)):
        with pytest.raises(NotAllowedError):
            act(actor=person, **key_of(row))


def test_the_tasks_take_ids_and_may_run_twice(settings, clamd, group, owner):
    row = unscanned(settings, owner, group, EICAR)
    for _ in range(2):
        tasks.rescan_attachment(*key_of(row).values())
        tasks.condemn_copies(row.sha256)
    row.refresh_from_db()
    assert row.status == AttachmentStatus.INFECTED
    assert audited("attachment.infected") == 1

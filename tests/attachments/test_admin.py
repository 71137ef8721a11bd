"""The admin's pages of files."""

import re

import pytest

from attachments.enums import AttachmentStatus
from attachments.models import Attachment
from attachments.selectors import STAFF_PAGE, FileKind, list_files_as_staff
from chat_project.core.db.cuid import new_cuid
from moderation.models import AuditLog
from tests.accounts.clients import Browser
from tests.attachments.conftest import EICAR
from tests.attachments.files import processed, uploaded
from tests.factories import UserFactory
from tests.moderation.conftest import staff

pytestmark = pytest.mark.django_db

FILES = "/admin/files/"


@pytest.fixture
def moderator(db):
    return staff("Moderators")


def browser(person):
    own = Browser()
    own.sign_in(person)
    return own


def page_of(row):
    return f"{FILES}{row.conversation_id}/{row.id}/"


def press(own, row, step):
    return own.post(page_of(row), {"step": step, "csrfmiddlewaretoken": own.csrf_token})


def ids(text):
    return re.findall(r'href="/admin/files/[a-z0-9]+/([a-z0-9]+)/"', text)


def test_files_are_listed_by_how_they_stand(clamd, group, owner, moderator):
    infected = processed(uploaded(owner, group, EICAR, "secret-name.exe"))
    ready = processed(uploaded(owner, group, b"words", "secret-name.txt"))
    waiting = uploaded(owner, group, b"more words")
    own = browser(moderator)
    for kind, row in {"": waiting, "infected": infected, "ready": ready}.items():
        text = own.get(f"{FILES}?status={kind}").content.decode()
        assert ids(text) == [row.id]
        assert "secret-name" not in text
    assert ids(own.get(f"{FILES}?status=infected&q=@olga").content.decode()) == [infected.id]
    assert ids(own.get(f"{FILES}?status=infected&q=milan").content.decode()) == []


def test_that_there_is_no_scanner_is_said(group, owner, moderator):
    row = processed(uploaded(owner, group, b"words"))
    own = browser(moderator)
    text = own.get(f"{FILES}?status=unscanned").content.decode()
    assert "files are served unscanned" in text
    assert ids(text) == [row.id]
    assert "files are served unscanned" in own.get("/admin/").content.decode()
    assert "Scan again" not in own.get(page_of(row)).content.decode()


def test_the_older_files_are_on_the_next_page(group, owner):
    rows = [
        Attachment(conversation=group, id=new_cuid(), uploader=owner, object_key=f"attachments/{n}", size=1)
        for n in range(STAFF_PAGE + 3)
    ]
    for row, status in zip(rows, [AttachmentStatus.UPLOADED, AttachmentStatus.PENDING] * STAFF_PAGE, strict=False):
        row.status = status
    Attachment.objects.bulk_create(rows)
    first = list_files_as_staff(kind=FileKind.WAITING)
    rest = list_files_as_staff(kind=FileKind.WAITING, before=first.before)
    listed = [row.id for row in (*first.rows, *rest.rows)]
    assert listed == sorted((row.id for row in rows), reverse=True)
    assert (len(rest.rows), rest.before) == (3, "")


def test_an_infected_file_is_scanned_again_by_a_button(clamd, group, owner, moderator):
    row = processed(uploaded(owner, group, EICAR))
    own = browser(moderator)
    assert "Scan again" in own.get(page_of(row)).content.decode()
    assert press(own, row, "rescan").status_code == 302
    row.refresh_from_db()
    assert row.status == AttachmentStatus.UPLOADED
    assert press(own, row, "rescan").status_code == 409
    assert AuditLog.objects.filter(action="attachment.rescan_asked", actor_id=moderator.pk).count() == 1


def test_the_bytes_are_deleted_by_a_button(clamd, group, owner, moderator):
    row = processed(uploaded(owner, group, EICAR))
    own = browser(moderator)
    assert press(own, row, "delete").status_code == 302
    text = own.get(page_of(row)).content.decode()
    assert "Bytes deleted" in text
    assert "<button" not in text.partition('class="case-side"')[2]
    assert press(own, row, "delete").status_code == 409
    assert AuditLog.objects.filter(action="attachment.bytes_deleted", actor_id=moderator.pk).count() == 1


def test_nobody_without_the_right_sees_or_presses(clamd, group, owner):
    row = processed(uploaded(owner, group, EICAR))
    own = browser(UserFactory(is_staff=True))
    assert own.get(page_of(row)).status_code == 403
    assert press(own, row, "delete").status_code == 403
    row.refresh_from_db()
    assert row.removed_at is None


def test_what_is_not_there_and_what_is_no_step_are_404(group, owner, moderator):
    row = uploaded(owner, group, b"words")
    own = browser(moderator)
    assert own.get(f"{FILES}{group.pk}/{new_cuid()}/").status_code == 404
    assert press(own, row, "publish").status_code == 404

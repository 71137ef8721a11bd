"""All that is somebody's, as a ZIP: by a worker, for nobody else."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.enums import ExportStatus
from accounts.models import BlockedUser, ContactRequest, ExportJob, User
from accounts.services import export, export_jobs
from accounts.services.avatars import change_avatar
from accounts.services.export import write_export
from accounts.services.export_jobs import cleanup_exports, deliver_due_exports, request_export, run_export
from attachments.models import Attachment
from chat_project.core.exports import sections
from conversations.services import remove_member, update_conversation
from conversations.services.leaving import close_account
from messaging.drafts import Outgoing
from messaging.models import Message
from messaging.services import edit_message, send_message
from tests.accounts.clients import Browser
from tests.accounts.mailbox import subjects
from tests.accounts.pictures import picture
from tests.factories import PASSWORD, UserFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def exported(user: User) -> zipfile.ZipFile:
    target = io.BytesIO()
    write_export(user_id=user.pk, target=target, progress=lambda _done, _total: None)
    return zipfile.ZipFile(target)


def rows(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(f"{name}.json"))


def say(sender: User, group: Any, text: str) -> None:
    send_message(sender=sender, conversation_id=group.pk, outgoing=Outgoing.checked(content=text))


@pytest.fixture
def browser(owner: User) -> Browser:
    """The owner's browser."""
    browser = Browser()
    browser.sign_in(owner)
    return browser


def test_an_export_holds_all_that_is_the_persons_and_nothing_of_others(owner, member, group):
    say(owner, group, "mine")
    say(member, group, "theirs")
    ContactRequest.objects.create(from_user=owner, to_user=member, status="ACCEPTED")
    BlockedUser.objects.create(blocker=member, blocked=owner)
    BlockedUser.objects.create(blocker=owner, blocked=member, reason="noise")
    change_avatar(user=owner, file=SimpleUploadedFile("me.png", picture()), size=100)
    archive = exported(owner)
    [profile] = rows(archive, "profile")
    assert (profile["username"], profile["email"]) == ("olga", "olga@example.org")
    assert not {"password", "avatar_key"} & profile.keys()
    assert [row["text"] for row in rows(archive, "messages") if row["type"] == "TEXT"] == ["mine"]
    assert [row["reason"] for row in rows(archive, "blocks")] == ["noise"]
    assert [row["to_user_id"] for row in rows(archive, "contacts")] == [member.pk]
    assert [row["title"] for row in rows(archive, "memberships")] == ["Hikers"]
    assert archive.read("files/avatar.webp").startswith(b"RIFF")
    assert b"theirs" not in b"".join(archive.read(name) for name in archive.namelist())


def test_the_manifest_counts_what_is_in_each_file(owner, group):
    archive = exported(owner)
    manifest = json.loads(archive.read("manifest.json"))
    assert set(manifest["rows"]) == {f"{section.name}.json" for section in sections()}
    for name, count in manifest["rows"].items():
        assert len(json.loads(archive.read(name))) == count
    assert archive.testzip() is None


def test_no_section_shows_a_secret(owner):
    archive = exported(owner)
    shown = {key for section in sections() for row in rows(archive, section.name) for key in row}
    assert not [key for key in shown if "secret" in key or "password" in key or key.endswith("_key") or key == "code"]


@pytest.mark.parametrize(
    "gone", [{"is_deleted": True, "deleted_at": timezone.now(), "search": None}, {"expires_at": timezone.now()}]
)
def test_of_what_was_deleted_or_has_expired_no_text_is_exported_nor_a_file(owner, group, gone):
    message, _ = send_message(
        sender=owner, conversation_id=group.pk, outgoing=Outgoing.checked(content="regretted at first")
    )
    key = {"conversation_id": group.pk, "message_id": message["id"]}
    edit_message(editor_id=owner.pk, content="regretted", **key)
    stored = default_storage.save("attachments/x", io.BytesIO(b"regretted"))
    Attachment.objects.create(**key, uploader=owner, object_key=stored, file_name="regretted", size=9, status="READY")
    assert b"regretted" in exported(owner).read("attachments.json")
    Message.objects.filter(id=message["id"]).update(**gone)
    archive = exported(owner)
    [row] = [row for row in rows(archive, "messages") if row["type"] == "TEXT"]
    assert row["text"] == ""
    assert b"regretted" not in b"".join(archive.read(name) for name in archive.namelist())


def test_what_a_conversation_is_called_after_somebody_left_is_not_exported(owner, member, group):
    remove_member(actor=owner, conversation_id=group.pk, user_id=member.pk)
    update_conversation(actor=owner, conversation_id=group.pk, changes={"title": "Without Milan"})
    [row] = rows(exported(member), "memberships")
    assert (row["conversation_id"], row["is_active"], row["title"]) == (group.pk, False, None)


def test_uploads_come_with_their_rows_and_their_names_stay_below_the_folder(owner, group):
    key = default_storage.save("attachments/x", io.BytesIO(b"the file"))
    for number, (name, stored) in enumerate([("../../evil.txt", key), ("lost.txt", "attachments/lost")]):
        Attachment.objects.create(
            conversation=group, uploader=owner, object_key=stored, file_name=name, size=number, status="READY"
        )
    archive = exported(owner)
    assert len(rows(archive, "attachments")) == 2
    [name] = [name for name in archive.namelist() if name.startswith("files/")]
    assert ".." not in name
    assert archive.read(name) == b"the file"


def test_rows_are_read_a_thousand_at_a_time(owner, group, monkeypatch):
    say(owner, group, "one")
    say(owner, group, "two")
    monkeypatch.setattr(export, "REPORT_EVERY_SECONDS", 0)
    monkeypatch.setattr(export, "ROWS_AT_A_TIME", 1)
    heard: list[tuple[int, int]] = []
    write_export(user_id=owner.pk, target=io.BytesIO(), progress=lambda done, total: heard.append((done, total)))
    assert heard[0][0] == 0
    assert heard[-1][0] == heard[-1][1] == heard[0][1] > 3
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)


def test_a_worker_makes_it_a_mail_tells_and_its_owner_fetches_it(browser, owner, outsider):
    answer = browser.fill_in("/settings/account/export", **{"export-password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/settings/account")
    assert b"<progress" in browser.get("/settings/account").content
    job = ExportJob.objects.get()
    assert run_export(job_id=job.id)
    assert subjects("olga@example.org") == ["Your data from Chat is ready"]
    page = browser.get("/settings/account").content.decode()
    address = f"/settings/account/export/{job.id}"
    assert address in page
    assert "<progress" not in page
    fetched = browser.get(address)
    assert fetched["Content-Type"] == "application/zip"
    assert "attachment" in fetched["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(b"".join(fetched.streaming_content))) as archive:
        assert "profile.json" in archive.namelist()
    other = Browser()
    other.sign_in(outsider)
    assert other.get(address).status_code == 404
    assert Browser().get(address)["Location"].startswith("/login/")


def test_the_progress_is_fetched_as_a_part_of_the_page(browser, owner):
    request_export(user=owner, password=PASSWORD)
    ExportJob.objects.update(status=ExportStatus.RUNNING, done=30, total=40)
    part = browser.get("/settings/account/export/progress", headers={"HX-Request": "true"}).content.decode()
    assert 'value="30"' in part
    assert 'max="40"' in part
    assert "every 2s" in part
    ExportJob.objects.update(status=ExportStatus.FAILED, finished_at=timezone.now())
    part = browser.get("/settings/account/export/progress", headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" not in part
    assert "could not be put together" in part


def test_an_export_asks_for_the_password(browser, owner):
    answer = browser.fill_in("/settings/account/export", **{"export-password": "not this one"})
    assert answer.status_code == 400
    assert b"This is not your password." in answer.content
    assert not ExportJob.objects.exists()


def test_one_export_is_made_at_a_time(browser, owner):
    results = at_once(*[lambda: request_export(user=owner, password=PASSWORD)] * 2)
    assert sorted(type(result).__name__ for result in results) == ["ExportJob", "ExportRunningError"]
    answer = browser.fill_in("/settings/account/export", **{"export-password": PASSWORD})
    assert answer.status_code == 409
    assert ExportJob.objects.count() == 1


def test_of_two_workers_at_once_one_makes_it(owner):
    job = request_export(user=owner, password=PASSWORD)
    assert sorted(at_once(*[lambda: run_export(job_id=job.id)] * 2)) == [False, True]


def test_a_job_whose_worker_died_is_taken_up_again(owner):
    job = request_export(user=owner, password=PASSWORD)
    ExportJob.objects.update(status=ExportStatus.RUNNING)
    assert deliver_due_exports() == 0
    ExportJob.objects.update(alive_at=timezone.now() - export_jobs.SILENT_FOR - timedelta(seconds=1))
    assert deliver_due_exports() == 1
    job.refresh_from_db()
    assert job.status == ExportStatus.READY


def test_a_failure_is_said_and_another_try_is_free(owner, monkeypatch):
    def fail(**_: Any) -> None:
        raise RuntimeError("no")

    job = request_export(user=owner, password=PASSWORD)
    with monkeypatch.context() as patch:
        patch.setattr(export_jobs, "write_export", fail)
        assert not run_export(job_id=job.id)
    job.refresh_from_db()
    assert job.status == ExportStatus.FAILED
    again = request_export(user=owner, password=PASSWORD)
    assert run_export(job_id=again.id)
    assert [each.id for each in ExportJob.objects.all()] == [again.id]


def test_an_export_expires_and_its_file_goes(browser, owner):
    job = request_export(user=owner, password=PASSWORD)
    run_export(job_id=job.id)
    job.refresh_from_db()
    assert cleanup_exports() == 0
    ExportJob.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert browser.get(f"/settings/account/export/{job.id}").status_code == 404
    assert cleanup_exports() == 1
    assert not default_storage.exists(job.object_key)


def test_who_leaves_while_their_export_is_made_leaves_no_file(owner, monkeypatch):
    job = request_export(user=owner, password=PASSWORD)

    def leave(**options: Any) -> None:
        options["progress"](0, 1)
        close_account(user=owner, password=PASSWORD)
        options["progress"](1, 1)

    monkeypatch.setattr(export_jobs, "write_export", leave)
    assert not run_export(job_id=job.id)
    assert not ExportJob.objects.exists()


def test_closing_takes_the_finished_export_along(owner):
    job = request_export(user=owner, password=PASSWORD)
    run_export(job_id=job.id)
    job.refresh_from_db()
    close_account(user=owner, password=PASSWORD)
    assert not default_storage.exists(job.object_key)


def test_the_page_closes_the_account_after_a_yes_and_the_password(browser, owner):
    missing = browser.fill_in("/settings/account/close", **{"close-password": PASSWORD})
    assert missing.status_code == 400
    wrong = browser.fill_in("/settings/account/close", **{"close-password": "wrong", "close-is_sure": "on"})
    assert b"This is not your password." in wrong.content
    owner.refresh_from_db()
    assert owner.is_active
    answer = browser.fill_in("/settings/account/close", **{"close-password": PASSWORD, "close-is_sure": "on"})
    assert b"Your account is closed" in answer.content
    assert "storage" in answer["Clear-Site-Data"]
    assert browser.get("/")["Location"].startswith("/login/")


def test_one_page_costs_the_same_however_much_there_is(browser, owner, group, django_assert_max_num_queries):
    for _ in range(3):
        say(owner, group, "hi")
        ExportJob.objects.create(
            user=owner,
            status=ExportStatus.READY,
            object_key="x",
            finished_at=timezone.now(),
            expires_at=timezone.now() + timedelta(days=1),
        )
    with django_assert_max_num_queries(6):
        browser.get("/settings/account")
    assert UserFactory().exports.count() == 0

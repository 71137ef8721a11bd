"""What is past its time goes, in short transactions with their audit rows, whatever kills the run."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import IntegerField, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import DiscardedObject, UserSession
from attachments.models import Attachment
from chat_project import retention as table
from chat_project.core.retention import apply_policy, count_due
from chat_project.tasks import apply_retention
from messaging.models import Message, MessageEdit, MessageReaction, MessageReceipt
from messaging.services import delete_message, edit_message
from moderation.models import AuditLog, UserReport
from tests.accounts.clients import Api
from tests.messaging.drafting import send
from tests.threads import at_once

pytestmark = pytest.mark.django_db

POLICIES = {policy.name: policy for policy in table.POLICIES}


def run(name):
    *_, last = [None, *apply_policy(POLICIES[name])]
    return last.rows if last else 0


def audited(name):
    rows = AuditLog.objects.filter(action="retention.applied", details__policy=name)
    return rows.aggregate(sum=Sum(Cast(KT("details__rows"), IntegerField())))["sum"] or 0


def deleted(owner, group, count, *, days=31):
    """Make tombstones, in bulk: beside the timeline, which tests nothing here."""
    long_ago = timezone.now() - timedelta(days=days)
    common = {"conversation": group, "sender": owner, "content": "gone", "is_deleted": True, "deleted_at": long_ago}
    rows = [Message(**common, seq=1000 + number, version=1000 + number) for number in range(count)]
    return [row.id for row in Message.objects.bulk_create(rows, batch_size=1000)]


def test_content_of_deleted_messages_goes_and_the_tombstone_stays(group, owner, member):
    message = send(owner, group, "secret")[0]
    edit_message(editor_id=owner.pk, conversation_id=group.pk, message_id=message["id"], content="changed")
    MessageReaction.objects.create(conversation=group, message_id=message["id"], user=member, emoji="👍")
    delete_message(actor_id=owner.pk, conversation_id=group.pk, message_id=message["id"])
    before = Api.of(member).get(f"conversations/{group.pk}/messages/{message['id']}").json()
    assert run("deleted_messages") == 0
    Message.objects.filter(id=message["id"]).update(deleted_at=timezone.now() - timedelta(days=31))
    assert run("deleted_messages") == 1
    row = Message.objects.get(id=message["id"])
    assert (row.content, row.metadata, row.is_deleted) == ("", {}, True)
    assert not MessageEdit.objects.exists()
    assert not MessageReaction.objects.exists()
    after = Api.of(member).get(f"conversations/{group.pk}/messages/{message['id']}").json()
    assert {**after, "deleted_at": None} == {**before, "deleted_at": None}
    assert run("deleted_messages") == 0
    assert audited("deleted_messages") == 1


def test_files_of_deleted_messages_and_uploads_that_nobody_sent_go_with_their_objects(group, owner):
    [gone] = deleted(owner, group, 1)
    common = {"conversation": group, "uploader": owner, "file_name": "a.txt", "size": 1}
    Attachment.objects.create(**common, message_id=gone, object_key="a1", thumbnail_key="a1t")
    orphan = Attachment.objects.create(**common, object_key="a2")
    Attachment.objects.create(**common, object_key="a3")
    Attachment.objects.filter(id=orphan.id).update(created_at=timezone.now() - timedelta(hours=25))
    assert (run("deleted_messages"), run("uploads")) == (1, 1)
    assert list(Attachment.objects.values_list("object_key", flat=True)) == ["a3"]
    assert set(DiscardedObject.objects.values_list("key", flat=True)) == {"a1", "a1t", "a2"}


def test_edits_receipts_sessions_and_closed_reports_go(group, owner, member):
    long_ago = timezone.now() - timedelta(days=800)
    message = send(owner, group, "first")[0]
    edit_message(editor_id=owner.pk, conversation_id=group.pk, message_id=message["id"], content="second")
    MessageEdit.objects.update(edited_at=long_ago)
    MessageReceipt.objects.create(conversation=group, message_id=message["id"], user=member, type="READ")
    Api.of(owner)
    UserSession.objects.update(expires_at=long_ago)
    common = {"reporter": member, "target_type": "USER", "reported_user": owner, "reason": "spam"}
    UserReport.objects.create(**common, status="DISMISSED", reviewed_at=long_ago)
    UserReport.objects.create(**common, status="PENDING")
    assert [run(name) for name in ("edits", "receipts", "sessions", "reports")] == [1, 0, 1, 1]
    assert Message.objects.get(id=message["id"]).edit_count == 1
    assert UserReport.objects.get().status == "PENDING"


def test_receipts_of_old_messages_go_by_the_time_in_the_messages_ids(group, owner, member, settings):
    ids = [send(owner, group)[0]["id"] for _ in range(3)]
    for message_id in ids:
        MessageReceipt.objects.create(conversation=group, message_id=message_id, user=member, type="DELIVERED")
        MessageReceipt.objects.create(conversation=group, message_id=message_id, user=member, type="READ")
    policy = POLICIES["receipts"]
    horizon = timezone.now() + timedelta(seconds=1)
    found, after = [], None
    while keys := policy.find(horizon, after, 2):
        found += keys
        after = keys[-1]
    assert sorted(found) == sorted((group.pk, mid, member.pk, kind) for mid in ids for kind in ("DELIVERED", "READ"))
    assert policy.purge(found[:4]) == 4
    assert MessageReceipt.objects.count() == 2


def test_a_dry_run_counts_and_changes_nothing(group, owner):
    deleted(owner, group, 3)
    said = StringIO()
    call_command("apply_retention", "--dry-run", stdout=said)
    assert "deleted_messages: 3 rows due" in said.getvalue()
    assert count_due(POLICIES["deleted_messages"]) == 3
    assert audited("deleted_messages") == 0


def test_zero_days_keep_for_ever(group, owner, settings):
    settings.DELETED_MESSAGE_RETENTION_DAYS = 0
    deleted(owner, group, 1, days=9999)
    assert (count_due(POLICIES["deleted_messages"]), run("deleted_messages")) == (0, 0)


def test_the_clock_runs_every_policy_and_each_has_its_line_in_the_docs(group, owner):
    deleted(owner, group, 2)
    assert settings.CELERY_BEAT_SCHEDULE["apply-retention"]["task"] == apply_retention.name
    apply_retention()
    assert audited("deleted_messages") == 2
    page = (settings.BASE_DIR / "docs/operations.md").read_text()
    assert all(f"| `{name}` |" in page for name in POLICIES)


def test_a_policy_that_fails_keeps_no_other_from_its_work(group, owner, monkeypatch, caplog):
    deleted(owner, group, 2)
    monkeypatch.setattr("chat_project.tasks.POLICIES", (replace(table.POLICIES[0], purge=max), *table.POLICIES))
    apply_retention()
    assert audited("deleted_messages") == 2
    assert "retention: deleted_messages failed" in caplog.text


def test_batches_are_short_however_many_rows_are_due(group, owner):
    deleted(owner, group, 1500)
    *_, last = apply_policy(POLICIES["deleted_messages"])
    assert last.rows == 1500
    assert last.slowest_seconds < 0.5
    assert AuditLog.objects.filter(action="retention.applied").count() > 5


@pytest.mark.django_db(transaction=True)
def test_what_is_locked_is_left_to_the_next_run_and_said(group, owner):
    [held, *_] = deleted(owner, group, 3)

    def run_beside():
        with pytest.raises(CommandError, match="were locked"):
            call_command("apply_retention", "--policy", "deleted_messages", stdout=StringIO())

    with transaction.atomic():
        Message.objects.select_for_update().get(id=held)
        at_once(run_beside)
    assert count_due(POLICIES["deleted_messages"]) == 3
    call_command("apply_retention", "--policy", "deleted_messages", stdout=StringIO())
    assert count_due(POLICIES["deleted_messages"]) == 0


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_take_each_row_once(group, owner):
    deleted(owner, group, 400)
    at_once(lambda: run("deleted_messages"), lambda: run("deleted_messages"))
    assert run("deleted_messages") >= 0
    assert count_due(POLICIES["deleted_messages"]) == 0


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_killed_leaves_whole_batches_and_the_next_goes_on(group, owner):
    already = audited("deleted_messages")
    ids = deleted(owner, group, 3000)
    name = connection.settings_dict["NAME"]
    code = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        f"connection.settings_dict['NAME'] = {name!r}\n"
        "from chat_project import retention\n"
        "from chat_project.core.retention import apply_policy\n"
        "for progress in apply_policy(retention.POLICIES[0]):\n"
        "    print(progress.rows, flush=True)\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout.readline()
        assert process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    emptied = Message.objects.filter(id__in=ids, content="").count()
    assert 0 < emptied < 3000
    assert audited("deleted_messages") - already == emptied
    assert run("deleted_messages") == 3000 - emptied
    assert audited("deleted_messages") - already == 3000
    assert Message.objects.filter(id__in=ids, is_deleted=True, content="").count() == 3000

"""Old messages leave for the storage and come back; what is read meanwhile stays right."""

import gzip
import itertools
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import DiscardedObject, User
from attachments.models import Attachment
from conversations.models import Conversation, ConversationMember
from conversations.services import delete_conversation
from conversations.services.purging import purge_account
from messaging.enums import ArchiveState
from messaging.models import ArchiveSegment, Message, MessageEdit, MessageMention, MessageReaction, MessageReceipt
from messaging.search_text import search_vector
from messaging.services import archive_choice, archive_files, archiving, delete_message, edit_message
from messaging.services.archiving import archive_conversation, count_archivable
from messaging.services.restoring import restore_conversation
from messaging.sync import changes_since
from messaging.web import pages
from moderation.models import AuditLog, UserReport
from tests.accounts.clients import Api
from tests.messaging.drafting import locked, send
from tests.threads import at_once

pytestmark = pytest.mark.django_db

OLD = datetime(2024, 1, 10, tzinfo=UTC)
BEFORE = datetime(2025, 1, 1, tzinfo=UTC)
COUNT = 12


@pytest.fixture(autouse=True)
def _few_stay(monkeypatch, settings, tmp_path):
    """Keep fewer of the newest, so that a test needs few; and let each test have a storage of its own."""
    monkeypatch.setattr(archive_choice, "NEWEST_KEPT", 2)
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MESSAGE_EDIT_WINDOW_SECONDS = 10**9


@pytest.fixture
def old(group, owner, member):
    """Twelve messages of three months of 2024, from the timeline's point of view as old as they say, and three new."""
    ids = [send(owner if number % 2 else member, group, f"word{number}")[0]["id"] for number in range(COUNT)]
    for number, message_id in enumerate(ids):
        Message.objects.filter(id=message_id).update(created_at=OLD + timedelta(days=7 * number))
    for _ in range(3):
        send(owner, group, "new")
    read = Message.objects.get(id=ids[-1]).seq
    ConversationMember.objects.filter(conversation=group).update(last_read_seq=read, last_read_message_id=None)
    Conversation.objects.filter(pk=group.pk).update(created_at=OLD)
    return ids


def archive(group, before=BEFORE):
    *_, last = [None, *archive_conversation(conversation_id=group.pk, before=before)]
    # Fewer stay here than the cache keeps.
    cache.clear()
    return last.messages if last else 0


def restore(group):
    return [0, *restore_conversation(conversation_id=group.pk)][-1]


def snapshot(group):
    """Return every row of a conversation's messages and of what hangs on them, as SQL has them."""
    rows = []
    with connection.cursor() as cursor:
        for table in ("messages", "message_reactions", "message_mentions", "message_edits", "message_receipts"):
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t WHERE conversation_id = %s ORDER BY 1", [group.pk])
            rows += [(table, row) for (row,) in cursor.fetchall()]
    return rows


def standing(group):
    return set(Message.objects.filter(conversation=group).values_list("id", flat=True))


def segments(group):
    return ArchiveSegment.objects.filter(conversation=group).order_by("first_seq")


def test_messages_go_by_months_and_come_back_as_they_were(group, owner, member, old, settings):
    settings.EDIT_RETENTION_DAYS = settings.RECEIPT_RETENTION_DAYS = 0
    edit_message(editor_id=owner.pk, conversation_id=group.pk, message_id=old[1], content="changed")
    MessageReaction.objects.create(conversation=group, message_id=old[2], user=member, emoji="👍")
    MessageMention.objects.create(conversation=group, message_id=old[3], user=member)
    MessageReceipt.objects.create(conversation=group, message_id=old[3], user=member, type="READ")
    Message.objects.filter(id=old[5]).update(reply_to_id=old[4])
    before = snapshot(group)
    assert count_archivable(conversation_id=group.pk, before=BEFORE) == COUNT
    assert archive(group) == COUNT
    assert not standing(group) & set(old)
    assert [f"{segment.month:%Y-%m}" for segment in segments(group)] == ["2024-01", "2024-02", "2024-03"]
    assert {segment.state for segment in segments(group)} == {ArchiveState.ARCHIVED}
    assert not MessageReaction.objects.exists()
    assert archive(group) == 0
    assert restore(group) == COUNT
    assert snapshot(group) == before
    assert not segments(group)
    details = AuditLog.objects.filter(details__conversation_id=group.pk)
    for action in ("messages.archived", "messages.restored"):
        assert sum(details.filter(action=action).values_list("details__rows", flat=True)) == COUNT


def test_what_somebody_still_looks_at_stays(group, owner, member, outsider, old):
    now = timezone.now()
    pinned, filed, reported, named, expiring, edited, place, quoted, buried, gone, *_ = old
    Message.objects.filter(id=pinned).update(pinned_at=now)
    Attachment.objects.create(
        conversation=group, message_id=filed, uploader=owner, file_name="a", size=1, object_key="a"
    )
    UserReport.objects.create(
        reporter=member, target_type="MESSAGE", conversation=group, message_id=reported, reason="spam"
    )
    MessageMention.objects.create(conversation=group, message_id=named, user=member)
    ConversationMember.objects.filter(conversation=group, user=member).update(last_read_seq=1)
    Message.objects.filter(id=expiring).update(expires_at=now + timedelta(days=1))
    MessageEdit.objects.create(conversation=group, message_id=edited, edit_no=1, edited_at=now)
    ConversationMember.objects.filter(conversation=group, user=owner).update(last_read_message_id=place)
    newest = Message.objects.filter(conversation=group).order_by("-seq").first()
    Message.objects.filter(id=newest.id).update(reply_to_id=quoted)
    Message.objects.filter(id=buried).update(is_deleted=True, deleted_at=now, search=None)
    Message.objects.filter(id=gone).update(is_deleted=True, deleted_at=now, content="", search=None)
    assert archive(group) == 3
    assert standing(group) & set(old) == {pinned, filed, reported, named, expiring, edited, place, quoted, buried}
    assert Attachment.objects.get().message_id == filed
    assert Message.objects.get(id=newest.id).reply_to_id == quoted


def test_history_says_up_to_where_it_is_archived(group, owner, member, old):
    api = Api.of(member)
    path = f"conversations/{group.pk}/messages"
    assert api.get(path).json()["archived_to_seq"] is None
    Message.objects.filter(id=old[0]).update(pinned_at=timezone.now())
    last = Message.objects.get(id=old[-1]).seq
    archive(group)
    page = api.get(path).json()
    assert page["archived_to_seq"] == last
    assert {row["id"] for row in page["results"]} & set(old) == {old[0]}
    small = api.get(f"{path}?limit=2").json()
    assert small["archived_to_seq"] is None
    around = api.get(f"{path}?around={old[0]}").json()
    assert around["archived_to_seq"] == last
    assert api.get(f"{path}?pinned=true").json()["archived_to_seq"] is None
    assert api.get(f"{path}/{old[1]}").status_code == 404
    ConversationMember.objects.filter(conversation=group, user=member).update(visible_from_seq=last + 1)
    assert api.get(path).json()["archived_to_seq"] is None


def test_the_page_says_it_where_the_archive_begins(group, owner, old):
    said = "Earlier messages are archived"
    assert said not in shown(owner, group)
    Message.objects.filter(id=old[0]).update(pinned_at=timezone.now())
    archive(group)
    page = shown(owner, group)
    assert page.count(said) == 1
    assert page.index("word0") < page.index(said) < page.index(">new<")


def shown(viewer, group):
    return render_to_string("messages/_bubbles.html", pages.pane(viewer, group.pk))


def test_a_client_that_misses_what_is_archived_begins_anew(group, owner, member, old):
    versions = dict(Message.objects.filter(conversation=group).values_list("id", "version"))
    behind, ahead = versions[old[3]], versions[old[-1]]
    archive(group)
    [synced] = changes_since(viewer=member, versions={group.pk: behind}, same_epoch=True).conversations
    assert synced.reset
    assert {row.id for row in synced.messages} == standing(group)
    [synced] = changes_since(viewer=member, versions={group.pk: ahead}, same_epoch=True).conversations
    assert not synced.reset
    assert [row.content for row in synced.messages] == ["new"] * 3
    restore(group)
    [synced] = changes_since(viewer=member, versions={group.pk: behind}, same_epoch=True).conversations
    assert not synced.reset
    assert old[4] in {row.id for row in synced.messages}


def test_unread_counts_and_reading_go_on(group, member, old):
    api = Api.of(member)
    before = api.get(f"conversations/{group.pk}").json()
    archive(group)
    assert api.get(f"conversations/{group.pk}").json() == before
    newest = before["last_message"]["id"]
    assert api.post(f"conversations/{group.pk}/read", {"message_id": newest}).json()["unread_count"] == 0
    answer = api.post(f"conversations/{group.pk}/messages", {"content": "re", "reply_to_id": old[0]})
    assert (answer.status_code, answer.json()["code"]) == (400, "reply_target_invalid")


def test_restored_messages_of_who_was_purged_are_nobodys(group, owner, member, old, settings):
    MessageReaction.objects.create(conversation=group, message_id=old[1], user=member, emoji="👍")
    archive(group)
    purge_account(user_id=member.pk)
    assert not User.objects.filter(pk=member.pk).exists()
    restore(group)
    assert Message.objects.get(id=old[0]).sender_id is None
    assert Message.objects.get(id=old[1]).sender_id == owner.pk
    assert not MessageReaction.objects.exists()


def test_what_retention_took_meanwhile_does_not_come_back(group, owner, member, old, settings):
    settings.EDIT_RETENTION_DAYS = settings.RECEIPT_RETENTION_DAYS = 0
    MessageEdit.objects.create(conversation=group, message_id=old[0], edit_no=1, content="was", edited_at=OLD)
    MessageReceipt.objects.create(conversation=group, message_id=old[0], user=member, type="READ")
    archive(group)
    settings.EDIT_RETENTION_DAYS = settings.RECEIPT_RETENTION_DAYS = 30
    restore(group)
    assert not MessageEdit.objects.exists()
    assert MessageReceipt.objects.count() == 1


def test_an_idempotency_key_that_was_used_again_is_left_to_its_new_message(group, owner, member, old):
    Message.objects.filter(id=old[1]).update(client_id="again")
    archive(group)
    _, is_new = send(owner, group, "anew", client_id="again")
    assert is_new
    assert restore(group) == COUNT
    assert Message.objects.get(id=old[1]).client_id is None


def test_restored_messages_are_found_by_search_again(group, owner, old):
    api = Api.of(owner)
    archive(group)
    assert api.get("search/messages?q=word3").json()["results"] == []
    restore(group)
    [found] = api.get("search/messages?q=word3&limit=5").json()["results"]
    assert found["message"]["id"] == old[3]


def test_a_message_that_changes_while_it_is_archived_stays_with_its_change(group, owner, member, old):
    """Between the object and the deletion of its rows people go on."""
    [part] = list(archiving._parts(group.pk, datetime(2024, 1, 31, tzinfo=UTC), set()))
    segment = archiving._write(group.pk, part)
    first_key = segment.object_key
    assert group.pk in archiving.list_conversations(OLD - timedelta(days=1))
    edit_message(editor_id=member.pk, conversation_id=group.pk, message_id=old[0], content="changed")
    delete_message(actor_id=owner.pk, conversation_id=group.pk, message_id=old[1])
    assert archive(group, datetime(2024, 1, 31, tzinfo=UTC)) == len(part) - 2
    assert standing(group) >= {old[0], old[1]}
    segment.refresh_from_db()
    assert (segment.messages, segment.left_out) == (len(part) - 2, [])
    assert DiscardedObject.objects.filter(key=first_key).exists() or not default_storage.exists(first_key)
    ids = {line["message"]["id"] for line in archive_files.read_lines(segment)}
    assert not ids & {old[0], old[1]}
    restore(group)
    assert Message.objects.get(id=old[0]).content == "changed"
    assert Message.objects.get(id=old[1]).is_deleted


def test_nothing_goes_where_the_object_is_not_what_was_written(group, old, monkeypatch):
    replace = archive_files.objects.replace
    monkeypatch.setattr(archive_files.objects._wrapped, "replace", lambda key, _file: replace(key, ContentFile(b"x")))
    with pytest.raises(archive_files.ArchiveDamagedError):
        archive(group)
    assert standing(group) >= set(old)
    assert not segments(group)
    assert DiscardedObject.objects.filter(key__startswith="archives/").count() == 1


def test_a_full_disk_is_one_line_and_loses_nothing(group, old, monkeypatch):
    def full(_key, _file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive_files.objects._wrapped, "replace", full)
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("archive_messages", "--before", "2025-01-01", stdout=StringIO())
    assert standing(group) >= set(old)
    assert not segments(group)


def test_a_damaged_or_missing_object_is_said_and_nothing_is_restored(group, old):
    archive(group)
    segment = segments(group).last()
    with default_storage.open(segment.object_key) as file:
        body = file.read()
    archive_files.objects.replace(segment.object_key, ContentFile(gzip.compress(b"{}")))
    for said in ("its hash is another", "is not there"):
        with pytest.raises(CommandError, match=said):
            call_command("restore_messages", group.pk, stdout=StringIO())
        assert not standing(group) & set(old)
        default_storage.delete(segment.object_key)
    archive_files.objects.replace(segment.object_key, ContentFile(body))
    said = StringIO()
    call_command("restore_messages", group.pk, "--dry-run", stdout=said)
    assert f"{COUNT} messages would be restored" in said.getvalue()
    assert not standing(group) & set(old)
    call_command("restore_messages", "--all", stdout=StringIO())
    assert standing(group) >= set(old)


def test_the_command_counts_first_and_refuses_what_is_no_past_day(group, old):
    said = StringIO()
    call_command("archive_messages", "--before", "2025-01-01", "--dry-run", stdout=said)
    assert said.getvalue() == f"{COUNT} messages of 1 conversations would be archived\n"
    assert not segments(group)
    for wrong in ("yesterday", "2024-13-01", "2999-01-01"):
        with pytest.raises(CommandError, match=r"no day|not past"):
            call_command("archive_messages", "--before", wrong)
    call_command("archive_messages", "--before", "2025-01-01", "--conversation", group.pk, stdout=said)
    assert f"{COUNT} messages of 1 conversations archived" in said.getvalue()
    with pytest.raises(CommandError, match="Nothing of nowhere is archived"):
        call_command("restore_messages", "nowhere")


def test_a_conversation_that_is_deleted_takes_its_objects_along(group, owner, old):
    archive(group)
    keys = set(segments(group).values_list("object_key", flat=True))
    delete_conversation(owner=owner, conversation_id=group.pk)
    assert not ArchiveSegment.objects.exists()
    assert keys <= set(DiscardedObject.objects.values_list("key", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_busy_conversation_is_left_to_the_next_run(group, old, monkeypatch):
    monkeypatch.setattr(archiving, "TRIES", 2)
    with locked(group), pytest.raises(CommandError, match="left to the next run"):
        call_command("archive_messages", "--before", "2025-01-01", stdout=StringIO())
    assert standing(group) >= set(old)
    call_command("archive_messages", "--before", "2025-01-01", stdout=StringIO())
    assert not standing(group) & set(old)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_archive_each_message_once(group, owner, old):
    before = snapshot(group)

    def run():
        try:
            archive(group)
        except archiving.BusyError:
            return

    at_once(run, run)
    archive(group)
    assert sum(segments(group).values_list("messages", flat=True)) == COUNT
    assert not standing(group) & set(old)
    restore(group)
    assert snapshot(group) == before


class KilledError(BaseException):
    """What nothing catches."""


@contextmanager
def killed_before(statement):
    """End the work before its so many-th statement, with what the transaction under way has done."""
    count = 0

    def execute(run, *args):
        nonlocal count
        count += 1
        if count == statement:
            raise KilledError
        return run(*args)

    with connection.execute_wrapper(execute):
        yield


@pytest.mark.django_db(transaction=True)
def test_ended_at_any_statement_every_message_stands_or_is_in_an_object(group, old):
    before = snapshot(group)
    for work, is_through in ((archive, lambda: not standing(group) & set(old)), (restore, lambda: not segments(group))):
        for statement in itertools.count(1):
            try:
                with killed_before(statement):
                    work(group)
                break
            except KilledError:
                named = {line["message"]["id"] for one in segments(group) for line in archive_files.read_lines(one)}
                assert set(old) <= standing(group) | named
        assert is_through()
    assert snapshot(group) == before


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_leaves_all_and_the_next_run_goes_on(group, owner, settings):
    count = 600
    Message.objects.bulk_create(
        Message(
            conversation=group,
            sender=owner,
            content=f"text {number}",
            search=search_vector(f"text {number}"),
            seq=1000 + number,
            version=1000 + number,
            created_at=OLD + timedelta(minutes=number),
        )
        for number in range(count)
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE conversations SET last_seq = 2000, version = 2000 WHERE id = %s", [group.pk])
    before = snapshot(group)
    code = f"""
import django
django.setup()
from datetime import UTC, datetime
from django.conf import settings
from django.db import connection
connection.settings_dict["NAME"] = {connection.settings_dict["NAME"]!r}
settings.MEDIA_ROOT = {str(settings.MEDIA_ROOT)!r}
from messaging.services.archiving import archive_conversation
for archived in archive_conversation(conversation_id={group.pk!r}, before=datetime(2025, 1, 1, tzinfo=UTC)):
    print(archived.messages, flush=True)
    input()
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, **pipes) as process:
        gone = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
    assert 0 < gone < count
    assert len(standing(group)) == len(before) - gone
    assert archive(group) == count - gone
    assert restore(group) == count
    assert snapshot(group) == before

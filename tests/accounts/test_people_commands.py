"""What operators do to accounts by manage.py."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ContactRequest, User, UserSession
from accounts.services.avatars import change_avatar
from conversations.models import Conversation, ConversationMember
from conversations.services import open_dm, purging
from messaging.drafts import Outgoing
from messaging.models import Message
from messaging.services import send_message
from moderation.models import AuditLog
from tests.accounts.clients import Api, Browser
from tests.accounts.pictures import picture
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def run(name: str, *arguments: str) -> Any:
    return call_command(name, *arguments)


def sign_in(user: User) -> Any:
    return Api().post("auth/login", {"login": user.username, "password": PASSWORD})


@pytest.fixture
def spoken(group: Conversation, owner: User) -> Conversation:
    """A group in which its owner has written three messages, besides the two lines of its beginning."""
    for text in ("one", "two", "three"):
        send_message(sender=owner, conversation_id=group.pk, outgoing=Outgoing.checked(content=text))
    return group


def test_a_suspension_ends_sessions_and_refuses_sign_ins(owner, capsys):
    api = Api.of(owner)
    run("suspend_user", "olga", "--reason", "spam")
    assert capsys.readouterr().out == "olga is suspended until lifted\n"
    assert api.get("users/me").status_code == 401
    assert (sign_in(owner).status_code, sign_in(owner).json()["code"]) == (403, "account_suspended")
    assert not UserSession.objects.filter(user=owner, revoked_at=None).exists()
    row = AuditLog.objects.get(action="account.suspended", resource_id=owner.pk)
    assert (row.resource_id, row.actor_id, "spam" in json.dumps(row.details)) == (owner.pk, None, False)


def test_a_suspension_until_a_time_is_over_then(owner):
    run("suspend_user", owner.pk, "--reason", "spam", "--until", "2099-01-31")
    owner.refresh_from_db()
    assert owner.suspended_until == datetime(2099, 1, 31, tzinfo=UTC)
    page = Browser().sign_in(owner)
    assert b"This account is suspended until Jan. 31, 2099" in page.content
    User.objects.filter(pk=owner.pk).update(suspended_until=timezone.now() - timedelta(seconds=1))
    assert sign_in(owner).status_code == 200


def test_a_suspension_can_be_lifted(owner):
    run("suspend_user", "@Olga", "--reason", "spam")
    run("suspend_user", "olga", "--lift")
    assert sign_in(owner).status_code == 200
    with pytest.raises(CommandError, match="is not suspended"):
        run("suspend_user", "olga", "--lift")
    assert AuditLog.objects.filter(action="account.suspension_lifted", resource_id=owner.pk).count() == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody", "--reason", "x"], "nobody called nobody"),
        (["olga", "--reason", " "], "reason"),
        (["olga", "--reason", "x", "--until", "2001-01-01"], "future"),
        (["olga", "--reason", "x", "--until", "soon"], "no time"),
        (["olga", "--reason", "x", "--until", "2027-02-31"], "no time"),
    ],
)
def test_a_bad_suspension_is_refused_with_its_reason(owner, arguments, words):
    with pytest.raises(CommandError, match=words):
        run("suspend_user", *arguments)
    owner.refresh_from_db()
    assert not owner.is_suspended


def test_a_dry_run_says_what_would_go_and_changes_nothing(owner, spoken, capsys):
    run("purge_user", "olga", "--dry-run")
    said = capsys.readouterr().out
    assert "messages.sender_id: 5 stay without a name" in said
    assert "conversation_members.user_id: 1 go" in said
    with pytest.raises(CommandError, match="--yes"):
        run("purge_user", "olga")
    assert User.objects.filter(pk=owner.pk, is_active=True).exists()


def test_a_purge_takes_the_person_and_leaves_their_messages_without_a_sender(
    owner, member, spoken, monkeypatch, capsys
):
    monkeypatch.setattr(purging, "BATCH", 2)
    change_avatar(user=owner, file=SimpleUploadedFile("me.png", picture()), size=100)
    owner.refresh_from_db()
    ContactRequest.objects.create(from_user=owner, to_user=member, status="ACCEPTED")
    run("purge_user", "olga", "--yes")
    assert capsys.readouterr().out == "olga is deleted\n"
    assert not User.objects.filter(pk=owner.pk).exists()
    assert not default_storage.exists(owner.avatar_key)
    texts = Message.objects.filter(type="TEXT").order_by("seq")
    assert [(each.content, each.sender_id) for each in texts] == [("one", None), ("two", None), ("three", None)]
    spoken.refresh_from_db()
    assert (spoken.owner_id, spoken.member_count) == (member.pk, 1)
    assert not ConversationMember.objects.filter(user_id=owner.pk).exists()
    assert set(AuditLog.objects.filter(resource_id=owner.pk).values_list("action", flat=True)) >= {"account.purged"}
    answer = Api.of(member).get(f"conversations/{spoken.pk}/messages")
    assert answer.status_code == 200
    assert {row["sender"] for row in answer.json()["results"] if row["type"] == "TEXT"} == {None}


def test_nothing_is_said_to_somebody_who_was_purged(owner, member):
    conversation_id, _ = open_dm(creator=owner, user_id=member.pk)
    saved_id, _ = open_dm(creator=member, user_id=member.pk)
    run("purge_user", "olga", "--yes")
    for path, status in (
        (f"conversations/{conversation_id}/messages", 403),
        (f"conversations/{saved_id}/messages", 201),
    ):
        assert Api.of(member).post(path, {"content": "Are you there?"}).status_code == status


def test_a_purge_that_was_killed_half_way_can_be_run_again(owner, spoken, monkeypatch):
    def crash(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(purging, "_clear", crash)
        with pytest.raises(KeyboardInterrupt):
            run("purge_user", "olga", "--yes")
    assert User.objects.filter(pk=owner.pk, is_active=False).exists()
    run("purge_user", owner.pk, "--yes")
    assert not User.objects.filter(pk=owner.pk).exists()


def test_every_foreign_key_to_people_is_known_to_a_purge(db):
    known = {reference.label for reference in purging.references()}
    assert {"messages.sender_id", "user_sessions.user_id", "user_reports.reporter_id", "export_jobs.user_id"} <= known


def test_an_export_is_written_for_its_owner_alone(owner, spoken, tmp_path):
    path = tmp_path / "olga.zip"
    run("export_user", "olga", "--output", str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as archive:
        assert len(json.loads(archive.read("messages.json"))) == 5
    with pytest.raises(CommandError, match="File exists"):
        run("export_user", "olga", "--output", str(path))
    assert AuditLog.objects.filter(action="account.exported", resource_id=owner.pk).count() == 1


def test_half_an_export_is_not_left_behind(owner, tmp_path, monkeypatch):
    def crash(**_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("accounts.management.commands.export_user.write_export", crash)
    with pytest.raises(KeyboardInterrupt):
        run("export_user", "olga", "--output", str(tmp_path / "x.zip"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["suspend_user", "purge_user", "export_user"])
def test_each_command_says_what_it_does(name, capsys):
    with pytest.raises(SystemExit) as left:
        run(name, "--help")
    assert left.value.code == 0
    assert "Exit code 1" in " ".join(capsys.readouterr().out.split())

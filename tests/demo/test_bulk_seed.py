"""What `seed` adds when it is given numbers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.devices import Device
from accounts.models import User
from accounts.services.sign_in import issue_tokens
from chat_project.core.db.rights import grant_rights
from chat_project.demo.bulk import load
from chat_project.demo.bulk.load import seed_crowd
from chat_project.demo.bulk.numbers import Numbers
from conversations.models import Conversation, ConversationMember
from messaging.drafts import Outgoing
from messaging.models import Message
from messaging.services.messages import send_message
from tests.demo.test_seed_invariants import rows_of
from tests.factories import UserFactory
from tests.server import APP_ROLE

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TABLES = (
    *("users", "contact_requests", "conversations", "conversation_members"),
    *("messages", "message_edits", "message_reactions", "message_mentions"),
)
INCOMPLETE = """
    SELECT id FROM conversations c
    WHERE last_seq <> (SELECT count(*) FROM messages WHERE conversation_id = c.id)
        OR member_count <> (SELECT count(*) FROM conversation_members WHERE conversation_id = c.id)
"""


def everything() -> set[tuple[str, str]]:
    """Return every row that a seed may write, less what is secret."""
    return {
        (table, row)
        for table in TABLES
        for (row,) in rows_of(f"SELECT (to_jsonb(t) - 'password')::text FROM {table} t")
    }


def counts() -> tuple[int, int, int]:
    return User.objects.count(), Conversation.objects.count(), Message.objects.count()


@pytest.fixture
def as_server(transactional_db: None) -> Iterator[None]:
    """Have the default connection speak as the server's role."""
    grant_rights(connection, APP_ROLE)
    owner = connection.settings_dict
    connection.close()
    connection.settings_dict = {**owner, "USER": APP_ROLE}
    yield
    connection.close()
    connection.settings_dict = owner


@pytest.mark.parametrize(
    ("asked", "added"),
    [
        ({"users": 30, "conversations": 12, "messages": 700}, (30, 12, 700)),
        ({"users": 3, "conversations": 40, "messages": 7}, (3, 40, 7)),
        ({"users": 2, "conversations": 1, "messages": 1}, (2, 1, 1)),
        ({"users": 9}, (9, 0, 0)),
        ({"conversations": 9}, (2, 9, 0)),
        ({"messages": 120}, (2, 3, 120)),
    ],
)
def test_the_numbers_are_what_is_added(
    db: None, asked: dict[str, int], added: tuple[int, int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    UserFactory()
    before = counts()
    call_command("seed", **asked)
    assert tuple(after - then for after, then in zip(counts(), before, strict=True)) == added
    assert "Added {:,} users, {:,} conversations, {:,} messages.".format(*added) in capsys.readouterr().out
    assert rows_of(INCOMPLETE) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"messages": "-1"},
        {"messages": "many"},
        {"messages": "1e6"},
        {"users": "0"},
        {"users": "99999999999"},
        {"users": "1", "conversations": "1"},
        {"conversations": "0", "messages": "5"},
        {"conversations": "1", "messages": "20000000"},
    ],
)
def test_nonsense_numbers_are_refused_in_one_line(db: None, asked: dict[str, str]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("seed", **asked)
    assert len(str(refused.value).splitlines()) == 1
    assert counts() == (0, 0, 0)


def test_what_is_there_stays_as_it_is(group: Conversation, member: User) -> None:
    send_message(sender=member, conversation_id=group.pk, outgoing=Outgoing.checked(content="I was here first"))
    before = everything()
    call_command("seed", messages=300, verbosity=0)
    call_command("seed", messages=300, verbosity=0)
    assert before < everything()
    assert Message.objects.exclude(conversation=group).count() == 600


def test_the_same_numbers_give_the_same_rows(db: None) -> None:
    told = []
    for _ in range(2):
        with transaction.atomic():
            seed_crowd(Numbers(10, 8, 400), now=NOW, tell=lambda line: None)
            told.append(everything())
            transaction.set_rollback(True)
    assert told[0] == told[1]


def test_a_seed_that_fails_leaves_whole_conversations(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = Numbers(40, 60, 2000)
    monkeypatch.setattr(load, "_BATCH", 1 << 17)
    with transaction.atomic():
        seed_crowd(numbers, now=NOW, tell=lambda line: None)
        taken = Conversation.objects.exclude(handle=None).order_by("last_seq").values_list("handle", flat=True)[0]
        transaction.set_rollback(True)
    Conversation.objects.create(type="GROUP", title="Mine", handle=taken, settings={})
    with pytest.raises(IntegrityError):
        seed_crowd(numbers, now=NOW, tell=lambda line: None)
    people, conversations, messages = counts()
    assert people == 40
    assert 1 < conversations < 60
    assert 0 < messages < 2000
    assert rows_of(INCOMPLETE) == []


def test_a_name_that_is_taken_is_told_in_one_line(db: None) -> None:
    numbers = Numbers(3, 0, 0)
    with transaction.atomic():
        seed_crowd(numbers, now=NOW, tell=lambda line: None)
        email = User.objects.values_list("email", flat=True)[0]
        transaction.set_rollback(True)
    UserFactory(username="somebody", email=email)
    with pytest.raises(CommandError, match=r"^Stopped: .*users_email_key.*$"):
        call_command("seed", users=3)
    assert User.objects.count() == 1


def test_it_tells_how_far_it_has_got_and_how_fast(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(load, "_TOLD_EVERY", 1000)
    monkeypatch.setattr(load, "_BATCH", 1 << 17)
    call_command("seed", messages=2100)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "10 people."
    assert [line.split(" messages, ")[0] for line in lines[1:-1]] == ["1,000", "2,000"]
    assert all(line.endswith(" a second.") for line in lines[1:-1])


def test_the_role_of_the_server_suffices(as_server: None) -> None:
    assert rows_of("SELECT current_user::text") == [(APP_ROLE,)]
    call_command("seed", users=5, conversations=5, messages=100, verbosity=0)
    assert counts() == (5, 5, 100)


def test_somebody_who_was_added_has_no_password_and_can_be_signed_in_and_write(db: None) -> None:
    call_command("seed", messages=100, verbosity=0)
    room = Conversation.objects.exclude(type="CHANNEL").order_by("-last_seq")[0]
    membership: Any = ConversationMember.objects.filter(conversation=room).select_related("user")[0]
    assert not membership.user.has_usable_password()
    assert issue_tokens(user=membership.user, device=Device.of(user_agent="")).tokens
    message, _ = send_message(
        sender=membership.user, conversation_id=room.pk, outgoing=Outgoing.checked(content="And I go on")
    )
    room.refresh_from_db()
    assert (room.last_seq, room.last_message_id) == (Message.objects.filter(conversation=room).count(), message["id"])
    assert room.last_message_at is not None
    assert room.last_message_at <= timezone.now()

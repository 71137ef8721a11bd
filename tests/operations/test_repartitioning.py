"""More partitions: each is divided, in one transaction, with all that hangs on it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from chat_project.schema import repartitioning
from chat_project.schema.repartitioning import RepartitioningError, repartition
from chat_project.schema.validation import validate
from messaging.models import Message, MessageReaction, MessageReceipt
from messaging.services import delete_message
from tests.accounts.clients import Api
from tests.messaging.drafting import send

pytestmark = pytest.mark.django_db


def divide(number):
    return list(repartition(number, server_role=connection.settings_dict["USER"]))


def held():
    """Return how many rows each partition of the messages holds, and all rows as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, count(*) FROM messages GROUP BY 1")
        counts = dict(cursor.fetchall())
        cursor.execute("SELECT m::text FROM messages AS m ORDER BY 1")
        return counts, [row for (row,) in cursor.fetchall()]


def test_each_partition_is_divided_and_everything_goes_on(group, owner, member):
    first = send(owner, group, "first")[0]
    answer = send(member, group, "answer", reply_to_id=first["id"])[0]
    MessageReaction.objects.create(conversation=group, message_id=first["id"], user=member, emoji="👍")
    MessageReceipt.objects.create(conversation=group, message_id=first["id"], user=member, type="READ")
    _, rows = held()
    told = divide(32)
    assert len(told) == 32
    counts, after = held()
    assert after == rows
    assert all(name.startswith("messages_p") and "former" not in name for name in counts)
    assert {len(repartitioning_parts(table)) for table in ("messages", "message_receipts")} == {32}
    assert [str(finding) for finding in validate(connection, connection.settings_dict["USER"]).findings] == []
    send(owner, group, "later")
    delete_message(actor_id=owner.pk, conversation_id=group.pk, message_id=first["id"])
    page = Api.of(member).get(f"conversations/{group.pk}/messages").json()["results"]
    assert page[0]["content"] == "later"
    assert page[1]["reply_to"]["id"] == first["id"]
    with pytest.raises(IntegrityError), transaction.atomic():
        MessageReaction.objects.create(conversation=group, message_id="c" * 25, user=member, emoji="👍")
    Message.objects.filter(id=answer["id"]).delete()
    Message.objects.filter(id=first["id"]).delete()
    assert not MessageReaction.objects.exists()
    assert not MessageReceipt.objects.exists()


def repartitioning_parts(table):
    with connection.cursor() as cursor:
        return repartitioning._parts(cursor, table)


def test_a_copy_that_is_not_what_was_copied_changes_nothing(group, owner, monkeypatch):
    send(owner, group, "kept")
    before = held()
    monkeypatch.setattr(repartitioning, "_fingerprint", lambda _cursor, tables: (len(tables), 0))
    with pytest.raises(RepartitioningError, match="Nothing has changed"):
        divide(32)
    assert held() == before
    assert len(repartitioning_parts("messages")) == 16


@pytest.mark.parametrize("number", [0, 8, 16, 24, 2048])
def test_a_number_that_does_not_fit_is_refused(number):
    with pytest.raises(CommandError, match="There are 16 partitions"):
        call_command("db_partitions", "--change", str(number), stdout=StringIO())


def test_a_dry_run_says_what_would_be_done(group, owner):
    said = StringIO()
    call_command("db_partitions", "--change", "64", "--dry-run", stdout=said)
    assert "message_receipts, messages: 16 partitions would become 64" in said.getvalue()
    assert len(repartitioning_parts("messages")) == 16

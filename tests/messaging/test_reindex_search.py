"""Search vectors are made anew after the rules for them have changed."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from messaging.models import Message
from messaging.services import delete_message
from messaging.services.reindexing import START, reindex_batch
from tests.accounts.clients import Api
from tests.messaging.drafting import send


@pytest.fixture
def said(group, owner):
    """Messages whose vectors another release wrote, after two of the system's; one is deleted, one encrypted."""
    ids = [send(owner, group, f"needle number {number}")[0]["id"] for number in range(5)]
    gone, _ = send(owner, group, "needle that is gone")
    delete_message(actor_id=owner.pk, conversation_id=group.pk, message_id=gone["id"])
    send(owner, group, "bmVlZGxl", encryption={"scheme": "x"})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messages SET search = '''former''' WHERE id = ANY(%s)", [ids[:3]])
        cursor.execute("UPDATE messages SET search = NULL WHERE id = ANY(%s)", [ids[3:]])
    return ids


def found(person):
    hits = Api.of(person).get("search/messages?q=needle&limit=100").json()["results"]
    return {hit["message"]["id"] for hit in hits}


def run(**options):
    out = StringIO()
    call_command("reindex_search", stdout=out, **options)
    return out.getvalue().splitlines()


def test_what_was_written_by_other_rules_is_found_again(said, owner, member):
    assert found(owner) == set()
    before = Message.objects.get(id=said[0]).version
    assert run(batch=2)[-1] == "done: 5 of 7 messages had another vector"
    assert found(member) == set(said)
    assert Message.objects.get(id=said[0]).version == before


def test_what_is_right_is_not_written_again(said):
    run()
    assert run()[-1] == "done: 0 of 7 messages had another vector"


def test_a_run_that_was_killed_goes_on_from_the_place_that_it_told(said):
    first = reindex_batch(after=START, limit=4)
    assert (first.read, first.written) == (4, 2)
    assert run(after=first.place)[-1] == "done: 3 of 3 messages had another vector"


@pytest.mark.parametrize("place", ["x", "a:b", ":", "c" * 25])
def test_what_is_no_place_is_refused(db, place):
    with pytest.raises(CommandError, match="colon"):
        call_command("reindex_search", f"--after={place}")

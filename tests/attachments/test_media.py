"""Shared media: what is listed, to whom, and what it costs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import ConversationMember
from messaging import timeline
from messaging.enums import MessageType
from messaging.media import list_media
from messaging.models import Message
from messaging.services import delete_message
from tests.accounts.clients import Api
from tests.attachments.files import send, uploaded
from tests.messaging.drafting import drafts
from tests.messaging.drafting import send as say

pytestmark = pytest.mark.django_db
KINDS = ("IMAGE", "VIDEO", "AUDIO", "FILE")


def appended(sender, conversation, kind, count=1):
    """Return the ids of messages of a kind."""
    results = timeline.append(drafts(sender, conversation, count, "", type=MessageType(kind)))
    return [each.message_id for each in results]


def media(viewer, group, query=""):
    return Api.of(viewer).get(f"conversations/{group.pk}/media{query}")


def ids(answer):
    assert answer.status_code == 200, answer.json()
    return [message["id"] for message in answer.json()["results"]]


def test_messages_with_files_are_listed_newest_first_as_messages(group, owner, member):
    say(owner, group, "talk")
    sent = [send(owner, group, attachment_ids=[uploaded(owner, group, data).id]).json() for data in (b"one", b"two")]
    answer = media(member, group)
    assert answer.json() == {"results": [*reversed(sent)], "next": None}
    assert answer.json()["results"][0]["attachments"][0]["size"] == 3


def test_a_type_narrows_it_and_none_is_all(group, owner):
    by_kind = {kind: appended(owner, group, kind)[0] for kind in KINDS}
    for kind in KINDS:
        assert ids(media(owner, group, f"?type={kind}")) == [by_kind[kind]]
    assert ids(media(owner, group)) == [by_kind[kind] for kind in reversed(KINDS)]


@pytest.mark.parametrize("kind", ["TEXT", "SYSTEM", "image", "", "%00"])
def test_another_type_is_refused(group, owner, kind):
    answer = media(owner, group, f"?type={kind}")
    assert answer.status_code == 400
    assert "type" in answer.json()["errors"]


def test_pages_go_on_within_one_moment_and_keep_their_type(group, owner, member):
    pictures = appended(owner, group, "IMAGE", 5)
    appended(owner, group, "FILE", 3)
    Message.objects.filter(conversation=group).update(created_at=timezone.now())
    found, query = [], "?type=IMAGE&limit=2"
    while query:
        answer = media(member, group, query)
        found.append(ids(answer))
        query = answer.json()["next"] and f"?limit=2&cursor={answer.json()['next']}"
    assert found == [pictures[:2:-1], pictures[2:0:-1], pictures[:1]]


def test_a_cursor_is_of_one_person_and_one_list(group, owner, member):
    appended(owner, group, "IMAGE", 2)
    cursor = media(owner, group, "?limit=1").json()["next"]
    assert media(member, group, f"?cursor={cursor}").json()["code"] == "invalid_cursor"
    path = f"conversations/{group.pk}/messages?cursor={cursor}"
    assert Api.of(owner).get(path).json()["code"] == "invalid_cursor"


def test_what_is_deleted_expired_or_from_before_is_not_listed(group, owner, member):
    before, deleted, expired, seen = appended(owner, group, "FILE", 4)
    seq = Message.objects.get(id=before).seq
    ConversationMember.objects.filter(conversation=group, user=member).update(visible_from_seq=seq + 1)
    delete_message(actor_id=owner.pk, conversation_id=group.pk, message_id=deleted)
    Message.objects.filter(id=expired).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ids(media(member, group)) == [seen]
    assert ids(media(owner, group)) == [seen, before]


def test_an_outsider_is_told_that_there_is_no_such_conversation(group, outsider):
    assert media(outsider, group, "?type=nonsense").status_code == 404


@pytest.mark.parametrize("count", [2, 40])
def test_media_cost_the_same_however_many(group, owner, member, count, django_assert_num_queries):
    appended(owner, group, "IMAGE", count)
    # The membership, the keys, the messages.
    with django_assert_num_queries(3):
        page = list_media(viewer=member, conversation_id=group.pk)
    assert len(page.results) == count

"""Forwards of messages with files: each copy is an object and a row of its own."""

import os

import pytest
from django.core.files.storage import default_storage

from accounts.models import DiscardedObject
from attachments.enums import AttachmentStatus
from attachments.models import Attachment
from attachments.services.retention import purge_files_of_messages
from conversations.models import Conversation, ConversationMember
from conversations.services import create_conversation
from messaging.services import delete_message, forward_messages
from tests.attachments.files import address, client_of, content_of, photo, processed, send, uploaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def target(member, outsider):
    """A group to which the member forwards."""
    conversation_id, _ = create_conversation(creator=member, type="GROUP", title="Elsewhere", member_ids=[outsider.pk])
    return Conversation.objects.get(pk=conversation_id)


def said(sender, group, *contents, caption=""):
    """Return a message with files that were checked."""
    files = [processed(uploaded(sender, group, data)).id for data in contents]
    return send(sender, group, attachment_ids=files, content=caption).json()


def ask(sender, target, group, *message_ids):
    body = {"from_conversation_id": group.pk, "message_ids": message_ids}
    return client_of(sender).post(address(target, "forward"), body, format="json")


def files_of(message):
    return list(Attachment.objects.filter(message_id=message["id"]).order_by("id"))


def keys_of(row):
    return [row.object_key, row.thumbnail_key, row.preview_key]


def test_a_forwarded_picture_is_seen_where_it_went(group, owner, member, outsider, target):
    message = said(owner, group, photo(), caption="the **beach**")
    answer = ask(member, target, group, message["id"])
    assert answer.status_code == 201, answer.json()
    [copy] = answer.json()["results"]
    assert (copy["type"], copy["content"]) == ("IMAGE", message["content"])
    assert copy["metadata"] == message["metadata"]
    assert copy["forwarded_from"]["sender_id"] == owner.pk
    assert client_of(outsider).get(address(target, f"messages/{copy['id']}")).json() == copy
    [first], [second] = files_of(message), files_of(copy)
    assert (second.uploader_id, second.conversation_id) == (member.pk, target.pk)
    assert not set(keys_of(first)) & set(keys_of(second))
    for one, two in zip(keys_of(first), keys_of(second), strict=True):
        assert os.path.samefile(default_storage.path(one), default_storage.path(two))
    for rest in ("content", "thumbnail"):
        there = client_of(outsider).get(address(target, f"attachments/{second.id}/{rest}"))
        assert content_of(there) == content_of(client_of(owner).get(address(group, f"attachments/{first.id}/{rest}")))
    assert client_of(outsider).get(address(target, f"attachments/{first.id}")).status_code == 404
    assert not DiscardedObject.objects.filter(key__in=keys_of(second)).exists()


def test_a_copy_outlives_the_file_that_it_comes_from(group, owner, member, target, django_capture_on_commit_callbacks):
    message = said(owner, group, b"words")
    [copy] = ask(member, target, group, message["id"]).json()["results"]
    [first], [second] = files_of(message), files_of(copy)
    delete_message(actor_id=owner.pk, conversation_id=group.pk, message_id=message["id"])
    with django_capture_on_commit_callbacks(execute=True):
        purge_files_of_messages([(group.pk, message["id"])])
    assert not default_storage.exists(first.object_key)
    assert content_of(client_of(member).get(address(target, f"attachments/{second.id}/content"))) == b"words"


def test_several_files_and_texts_go_in_their_order(group, owner, member, target):
    text = send(owner, group, content="see").json()
    message = said(owner, group, b"one", b"two")
    copies = ask(member, target, group, message["id"], text["id"]).json()["results"]
    assert [copy["content"] for copy in copies] == ["see", ""]
    assert [file["size"] for file in copies[1]["attachments"]] == [3, 3]
    assert [row.sha256 for row in files_of(copies[1])] == [row.sha256 for row in files_of(message)]


@pytest.mark.parametrize("status", [each for each in AttachmentStatus if each != AttachmentStatus.READY])
def test_a_file_that_is_not_ready_goes_nowhere(group, owner, member, target, status):
    message = said(owner, group, b"one", b"two")
    Attachment.objects.filter(id=files_of(message)[1].id).update(status=status)
    answer = ask(member, target, group, message["id"])
    assert (answer.status_code, answer.json()["code"]) == (400, "not_forwardable")
    assert not Attachment.objects.filter(conversation=target).exists()


def test_a_file_whose_object_is_gone_goes_nowhere_and_leaves_nothing(group, owner, member, target):
    message = said(owner, group, b"one", b"two")
    default_storage.delete(files_of(message)[1].object_key)
    before = stored()
    assert ask(member, target, group, message["id"]).json()["code"] == "not_forwardable"
    assert stored() == before


def test_who_may_not_send_media_there_forwards_none(group, owner, member, target):
    message = said(owner, group, b"words")
    ConversationMember.objects.filter(conversation=target, user=member).update(
        role="MEMBER", permissions={"send_media": False}
    )
    before = stored()
    assert ask(member, target, group, message["id"]).status_code == 403
    assert stored() == before


def test_copies_count_towards_the_quota(group, owner, member, target, settings):
    message = said(owner, group, b"12345")
    settings.UPLOAD_QUOTA_BYTES = 9
    assert ask(member, target, group, message["id"]).status_code == 201
    before = stored()
    answer = ask(member, target, group, message["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "quota_exceeded")
    assert stored() == before


@pytest.mark.parametrize("count", [1, 10])
def test_files_cost_the_same_however_many(group, owner, member, target, count, django_assert_num_queries):
    message = said(owner, group, *[b"words"] * count)
    # Beside the 7 of a text: the target's membership before, the files, their quota twice and its lock, their objects
    # announced, their rows, their objects kept, and the messages read again.
    with django_assert_num_queries(18):
        forward_messages(
            sender=member,
            conversation_id=target.pk,
            from_conversation_id=group.pk,
            message_ids=[message["id"]],
        )


def stored():
    """Return the names of all stored objects."""
    return set(default_storage.listdir("attachments")[1])

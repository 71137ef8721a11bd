from functools import partial

import pytest
from asgiref.sync import async_to_sync

from conversations.errors import ConversationArchivedError, ConversationNotFoundError
from conversations.services import set_archived
from messaging.drafts import Outgoing
from messaging.models import Message
from messaging.services import asend_message, send_message


def send(sender, conversation, content="hi", **fields):
    return send_message(
        sender=sender, conversation_id=conversation.pk, outgoing=Outgoing.checked(content=content, **fields)
    )


def test_a_member_sends_and_the_timeline_counts_on(group, member):
    before = group.messages.count()
    first, is_new = send(member, group)
    second, _ = send(member, group, "again")
    assert is_new
    assert first["seq"] == before + 1
    assert second["seq"] == first["seq"] + 1
    assert second["version"] == first["version"] + 1
    assert second["created_at"] > first["created_at"]


def test_outsider_is_told_that_there_is_no_such_conversation(group, outsider):
    with pytest.raises(ConversationNotFoundError):
        send(outsider, group)
    assert not Message.objects.filter(sender=outsider).exists()


def test_a_retry_with_the_same_client_id_sends_once(group, member):
    first, _ = send(member, group, client_id="one")
    again, is_new = send(member, group, "something else", client_id="one")
    assert not is_new
    assert again == first
    assert Message.objects.filter(sender=member).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_retry_is_answered_also_where_nothing_may_be_sent_any_more(group, owner, member):
    first, _ = send(member, group, client_id="one")
    set_archived(actor=owner, conversation_id=group.pk, archived=True)
    assert send(member, group, client_id="one") == (first, False)
    by_socket = partial(async_to_sync(asend_message), sender_id=member.pk, conversation_id=group.pk)
    assert by_socket(outgoing=Outgoing.checked(content="hi", client_id="one")) == first
    with pytest.raises(ConversationArchivedError):
        send(member, group, client_id="two")

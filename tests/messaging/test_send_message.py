import pytest

from conversations.errors import ConversationNotFoundError
from messaging.drafts import Outgoing
from messaging.models import Message
from messaging.services import send_message


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

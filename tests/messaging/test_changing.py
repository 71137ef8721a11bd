"""The seam through which a message that stands is changed."""

import pytest
from django.db import transaction

from chat_project.core.errors import UnavailableError
from conversations.errors import ConversationNotFoundError
from conversations.models import Conversation, ConversationMember
from messaging.errors import MessageNotFoundError
from messaging.models import Message
from messaging.services.changing import announce_change, locked_message
from tests.messaging.drafting import locked, send


def test_a_change_draws_one_version_and_shows_the_row_as_it_stands(owner, group):
    sent, _ = send(owner, group, "before")

    with transaction.atomic():
        held = locked_message(viewer_id=owner.pk, conversation_id=group.pk, message_id=sent["id"])
        Message.objects.filter(pk=held.message.pk).update(content="after")
        payload = announce_change(held)

    group.refresh_from_db()
    assert (payload["content"], payload["version"]) == ("after", sent["version"] + 1)
    assert group.version == payload["version"]
    assert Message.objects.get(pk=(group.pk, sent["id"])).version == payload["version"]


def test_an_outsider_is_told_of_no_conversation(owner, outsider, group):
    sent, _ = send(owner, group)

    with pytest.raises(ConversationNotFoundError), transaction.atomic():
        locked_message(viewer_id=outsider.pk, conversation_id=group.pk, message_id=sent["id"])


def test_a_message_before_ones_history_is_not_there(owner, member, group):
    sent, _ = send(owner, group)
    ConversationMember.objects.filter(conversation=group, user=member).update(visible_from_seq=sent["seq"] + 1)

    with pytest.raises(MessageNotFoundError), transaction.atomic():
        locked_message(viewer_id=member.pk, conversation_id=group.pk, message_id=sent["id"])


def test_a_message_of_another_conversation_is_not_there(owner, member, group):
    other = Conversation.objects.create(type="GROUP", title="Others", owner=owner)
    ConversationMember.objects.create(conversation=other, user=owner, role="OWNER")
    sent, _ = send(owner, group)

    with pytest.raises(MessageNotFoundError), transaction.atomic():
        locked_message(viewer_id=owner.pk, conversation_id=other.pk, message_id=sent["id"])


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_held_is_waited_for_a_second_at_most(owner, group):
    sent, _ = send(owner, group)

    with locked(group), pytest.raises(UnavailableError), transaction.atomic():
        locked_message(viewer_id=owner.pk, conversation_id=group.pk, message_id=sent["id"])

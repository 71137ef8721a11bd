"""What the server's moderators do to messages of conversations that they are no members of."""

from django.db import transaction

from chat_project.core import audit
from chat_project.core.realtime.publish import publish_on_commit
from conversations.models import Conversation
from conversations.services.roster import locked
from messaging import timeline
from messaging.errors import MessageNotFoundError
from messaging.events import message_changed
from messaging.models import Message
from messaging.rows import messages_by_key
from messaging.selectors import Scope
from messaging.services.deleting import bury_message
from messaging.services.mentions import tell_counted


@transaction.atomic
def delete_as_moderator(*, actor_id: str, conversation_id: str, message_id: str) -> bool:
    """Make a message a tombstone and tell the members; return whether it was none yet.

    The caller has judged the actor. Raises ConversationNotFoundError, MessageNotFoundError.
    """
    conversation = locked(conversation_id)
    message = Message.objects.filter(conversation_id=conversation_id, id=message_id).first()
    if message is None:
        raise MessageNotFoundError
    mentioned = bury_message(conversation_id=conversation_id, message_id=message_id, deleted_by_id=actor_id)
    if mentioned is None:
        return False
    audit.record(actor_id=actor_id, action="message.deleted", target=message, sender_id=message.sender_id)
    _tell(conversation, message_id)
    tell_counted(conversation_id, mentioned)
    return True


def _tell(conversation: Conversation, message_id: str) -> None:
    _, members_version = timeline.stamp_message(conversation_id=conversation.pk, message_id=message_id)
    key = (conversation.pk, message_id)
    scope = Scope.of(type=conversation.type, member_count=conversation.member_count, visible_from_seq=1)
    row = messages_by_key([key])[key]
    publish_on_commit(message_changed(row, scope=scope, members_version=members_version, event="message.deleted"))

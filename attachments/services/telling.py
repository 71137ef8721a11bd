"""Who hears that a file is finished: its uploader while it is not sent, the members once it is."""

from attachments.models import Attachment
from attachments.representations import attachment
from chat_project.core.realtime.events import ConversationEvent, PersonEvent
from chat_project.core.realtime.publish import publish_on_commit
from conversations.models import Conversation
from messaging import timeline
from messaging.events import message_changed
from messaging.rows import messages_by_key
from messaging.selectors import Scope

_EVENT = "attachment.updated"


def tell_finished(row: Attachment) -> None:
    """Tell of a file after the commit; its message, if it is sent, gets a version of its own.

    The caller holds the conversation's lock.
    """
    if row.message_id is None:
        if row.uploader_id is not None:
            publish_on_commit(
                PersonEvent(
                    user_id=row.uploader_id,
                    event=_EVENT,
                    conversation_id=row.conversation_id,
                    data=attachment(row),
                )
            )
        return
    key = (row.conversation_id, row.message_id)
    _, members_version = timeline.stamp_message(conversation_id=key[0], message_id=key[1])
    message = messages_by_key([key])[key]
    conversation = Conversation.objects.get(pk=row.conversation_id)
    scope = Scope.of(type=conversation.type, member_count=conversation.member_count, visible_from_seq=1)
    if not message.is_deleted:
        publish_on_commit(
            ConversationEvent(
                conversation_id=row.conversation_id,
                members_version=members_version,
                event=_EVENT,
                data=attachment(row),
                seq=message.seq,
            )
        )
    publish_on_commit(message_changed(message, scope=scope, members_version=members_version))

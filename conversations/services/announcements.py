"""What services tell of what they did: SYSTEM messages in the timeline, and events to those whom it concerns."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from chat_project.core.realtime.publish import publish_on_commit
from conversations import events
from conversations.models import Conversation
from messaging import timeline
from messaging.dialogs import member_dialogs
from messaging.drafts import Draft
from messaging.enums import MessageType
from messaging.events import message_created
from messaging.representations import appended_message
from messaging.representations import conversation as conversation_payload
from messaging.timeline import Outcome


def announce(conversation: Conversation, *, actor_id: str, event: str, **details: Any) -> None:
    """Append a SYSTEM message of an active member's doing, in the caller's transaction, and tell the members.

    `conversation.members_version` must be the one that stands in the database.
    """
    draft = Draft(
        conversation_id=conversation.pk,
        sender_id=actor_id,
        members_version=conversation.members_version,
        type=MessageType.SYSTEM,
        metadata={"system": {"event": event, "actor_id": actor_id, **details}},
    )
    [appended] = timeline.append([draft])
    if appended.outcome != Outcome.APPENDED:
        timeline.refuse(appended)
    conversation.last_seq, conversation.version = appended.seq, appended.version
    conversation.last_message_id = appended.draft.id
    publish_on_commit(message_created(appended, appended_message(appended, User.objects.get(pk=actor_id))))


def tell_added(conversation: Conversation, user_ids: Sequence[str]) -> None:
    """Tell people of a conversation that they are in now, each as they see it."""
    users = list(User.objects.filter(pk__in=user_ids))
    for user_id, dialog in member_dialogs(conversation_id=conversation.pk, users=users).items():
        publish_on_commit(events.conversation_added(user_id=user_id, payload=conversation_payload(dialog)))

"""What somebody can report: what they can see, read as they see it."""

from dataclasses import dataclass

from accounts.errors import PersonNotFoundError
from accounts.models import User
from accounts.selectors.people import Person, get_person
from chat_project.core.db.cuid import is_cuid
from conversations.enums import ConversationType
from conversations.errors import ConversationNotFoundError
from conversations.models import Conversation, ConversationMember
from conversations.selectors.members import banned_now
from messaging.errors import MessageNotFoundError
from messaging.rows import MessageRow
from messaging.selectors import HistoryQuery, list_messages

# How many messages are frozen before and after the one that is reported.
AROUND = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reportable:
    """A target, and whose it is; `messages` are the target and what the reporter sees around it, oldest first."""

    reported_user_id: str | None
    person: Person | None = None
    conversation: Conversation | None = None
    message_id: str | None = None
    messages: tuple[MessageRow, ...] = ()


def reportable_person(*, viewer: User, user_id: str) -> Reportable:
    """Return a person. Raises PersonNotFoundError."""
    # An id alone: usernames are not to be tried out here.
    if not is_cuid(user_id):
        raise PersonNotFoundError
    person = get_person(viewer=viewer, reference=user_id)
    return Reportable(reported_user_id=person.user.pk, person=person)


def reportable_conversation(*, viewer: User, conversation_id: str) -> Reportable:
    """Return a conversation that the viewer is in, or that anybody may find. Raises ConversationNotFoundError.

    A DM is its other person's, everything else its owner's.
    """
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    if conversation is None or not _sees(viewer, conversation):
        raise ConversationNotFoundError
    return Reportable(reported_user_id=_whose(viewer, conversation), conversation=conversation)


def reportable_message(*, viewer: User, conversation_id: str, message_id: str) -> Reportable:
    """Return a message with what stands around it. Raises ConversationNotFoundError, MessageNotFoundError.

    Of a deleted one the viewer sees no content, so there is nothing to report.
    """
    page = list_messages(
        viewer=viewer,
        conversation_id=conversation_id,
        query=HistoryQuery(around=message_id),
        limit=2 * AROUND + 1,
    )
    target = next((row for row in page.results if row.id == message_id), None)
    if target is None or target.is_deleted:
        raise MessageNotFoundError
    return Reportable(
        reported_user_id=None if target.sender is None else target.sender.id,
        conversation=Conversation.objects.get(pk=conversation_id),
        message_id=message_id,
        messages=tuple(reversed(page.results)),
    )


def _sees(viewer: User, conversation: Conversation) -> bool:
    mine = ConversationMember.objects.filter(conversation=conversation, user_id=viewer.pk)
    if mine.filter(is_active=True).exists():
        return True
    return conversation.handle is not None and not mine.filter(banned_now()).exists()


def _whose(viewer: User, conversation: Conversation) -> str | None:
    if conversation.type != ConversationType.DM or conversation.dm_key is None:
        return conversation.owner_id
    others = set(conversation.dm_key.split(":")) - {viewer.pk}
    return others.pop() if others else viewer.pk

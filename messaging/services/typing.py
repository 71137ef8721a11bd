"""That somebody is writing: told, never stored."""

from chat_project.core.errors import InvalidError
from chat_project.core.realtime.publish import publish
from conversations import policies
from conversations.enums import ConversationType, Role
from conversations.selectors.membership_cache import memberships
from messaging import events

ACTIONS = ("typing", "cancel")
# Above so many members nobody is told: it would be noise, and work for each of them.
MEMBERS_MAX = 200


async def announce_typing(
    *, sender_id: str, conversation_id: str, action: str = "typing", is_news: bool = True
) -> None:
    """Tell the members of a conversation that somebody is writing; where it is no news, judge alone.

    Raises ConversationNotFoundError, NotAllowedError for who may not send here, InvalidError.
    """
    if action not in ACTIONS:
        raise InvalidError.of("action", f"Give one of {', '.join(ACTIONS)}.")
    membership = await memberships.get(viewer_id=sender_id, conversation_id=conversation_id)
    policies.require_may_send(membership)
    silent = membership.type == ConversationType.CHANNEL and membership.role == Role.MEMBER
    if is_news and not silent and membership.member_count <= MEMBERS_MAX:
        publish(events.typing(membership=membership, action=action))

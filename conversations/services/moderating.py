"""What the server's moderators do in a conversation that they are no members of."""

from django.db import transaction

from chat_project.core import audit
from chat_project.core.errors import NotAllowedError
from conversations.enums import ConversationType, LeftReason, Role
from conversations.services.roster import active_member, end_membership, locked
from conversations.services.succession import pass_ownership_on


@transaction.atomic
def remove_as_moderator(*, actor_id: str, conversation_id: str, user_id: str) -> None:
    """Remove a person from a group or channel; what they own is passed on. The caller has judged the actor.

    No SYSTEM message tells of it: it would be the actor's, who is nobody there.

    Raises ConversationNotFoundError, MemberNotFoundError, NotAllowedError in a DM.
    """
    conversation = locked(conversation_id)
    if conversation.type == ConversationType.DM:
        raise NotAllowedError("Nobody can be removed from a conversation of two.")
    member = active_member(conversation, user_id)
    if member.role == Role.OWNER:
        pass_ownership_on(conversation, leaving_id=user_id)
        member = active_member(conversation, user_id)
    end_membership(conversation, member, reason=LeftReason.REMOVED)
    audit.record(actor_id=actor_id, action="member.removed", target=conversation, user_id=user_id)

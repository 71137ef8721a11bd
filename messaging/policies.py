"""Who may do what with a message that is not their own."""

from conversations.enums import ConversationType, Role
from conversations.models import ConversationMember
from conversations.policies import RANK, Capability, may
from conversations.selectors.memberships import Membership


def moderates(membership: Membership, *, sender_id: str | None) -> bool:
    """Tell whether a member may remove a person's messages: by `delete_messages`, and standing above that person.

    Who is no member any more stands where MEMBERs do. One statement.
    """
    if not may(membership, Capability.DELETE_MESSAGES):
        return False
    role = (
        ConversationMember.objects.filter(conversation_id=membership.conversation_id, user_id=sender_id, is_active=True)
        .values_list("role", flat=True)
        .first()
    )
    return RANK[membership.role] > RANK[Role(role or Role.MEMBER)]


def may_call_everybody(membership: Membership) -> bool:
    """Tell whether @all names everybody when a member writes it: for who may pin, and not in channels.

    There each post reaches all readers anyway, and a list of names would tell who they are.
    """
    return membership.type != ConversationType.CHANNEL and may(membership, Capability.PIN_MESSAGES)

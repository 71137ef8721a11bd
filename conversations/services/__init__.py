from conversations.services.creation import create_conversation, open_dm
from conversations.services.members import add_members, leave_conversation, remove_member
from conversations.services.succession import end_memberships, pass_ownership_on

__all__ = [
    "add_members",
    "create_conversation",
    "end_memberships",
    "leave_conversation",
    "open_dm",
    "pass_ownership_on",
    "remove_member",
]

from conversations.services.creation import create_conversation, open_dm
from conversations.services.members import add_members, leave_conversation, remove_member

__all__ = ["add_members", "create_conversation", "leave_conversation", "open_dm", "remove_member"]

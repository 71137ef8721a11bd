from conversations.models.conversations import Conversation
from conversations.models.invites import ConversationInvite, JoinRequest
from conversations.models.members import ConversationMember

__all__ = ["Conversation", "ConversationInvite", "ConversationMember", "JoinRequest"]

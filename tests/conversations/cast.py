"""People in conversations, as tests want them."""

from typing import Any

from django.db.models import F

from accounts.models import User
from conversations.enums import Role
from conversations.models import Conversation, ConversationMember
from messaging.models import Message
from tests.factories import UserFactory

ROLES = ("OWNER", "ADMIN", "MODERATOR", "MEMBER")


def join(conversation: Conversation, *, role: str = Role.MEMBER, **fields: Any) -> User:
    """Add somebody, behind the services' back."""
    person: User = UserFactory()
    row = ConversationMember.objects.create(conversation=conversation, user=person, role=role, **fields)
    if row.is_active:
        Conversation.objects.filter(pk=conversation.pk).update(member_count=F("member_count") + 1)
    return person


def lines(conversation: Conversation) -> list[str]:
    """Return the events of a conversation's SYSTEM messages, in their order."""
    rows = Message.objects.filter(conversation=conversation, type="SYSTEM").order_by("seq")
    return [row.metadata["system"]["event"] for row in rows]

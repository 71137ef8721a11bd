"""Which conversation's picture somebody may look at."""

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from conversations.errors import ConversationNotFoundError
from conversations.models import Conversation, ConversationMember
from conversations.selectors.members import banned_now


def get_avatar_key(*, viewer: User, conversation_id: str) -> str:
    """Return the key of a conversation's picture: for its members, and where it has a handle for all but the banned.

    Raises ConversationNotFoundError, one and the same for none, no picture, and one that is not for the viewer.
    """
    mine = ConversationMember.objects.filter(conversation_id=OuterRef("pk"), user_id=viewer.pk)
    is_public = Q(handle__isnull=False) & ~Exists(mine.filter(banned_now()))
    key = (
        Conversation.objects.filter(Exists(mine.filter(is_active=True)) | is_public, pk=conversation_id)
        .values_list("avatar_key", flat=True)
        .first()
    )
    if not key:
        raise ConversationNotFoundError
    return key

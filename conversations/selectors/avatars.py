"""Which conversation's picture somebody may look at."""

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from conversations.errors import ConversationNotFoundError
from conversations.models import Conversation, ConversationMember
from conversations.selectors.invites import usable_invites
from conversations.selectors.members import banned_now


def get_avatar_key(*, viewer: User, conversation_id: str, invite: str = "") -> str:
    """Return the key of a conversation's picture: for its members, and all but the banned where it has a handle.

    So also for who holds an invite, whose code they give. Raises ConversationNotFoundError, one and the same for none,
    no picture, and one that is not for the viewer.
    """
    mine = ConversationMember.objects.filter(conversation_id=OuterRef("pk"), user_id=viewer.pk)
    is_open = Q(handle__isnull=False) | Exists(usable_invites(code=invite).filter(conversation_id=OuterRef("pk")))
    key = (
        Conversation.objects.filter(
            Exists(mine.filter(is_active=True)) | (is_open & ~Exists(mine.filter(banned_now()))), pk=conversation_id
        )
        .values_list("avatar_key", flat=True)
        .first()
    )
    if not key:
        raise ConversationNotFoundError
    return key

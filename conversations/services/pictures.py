"""The picture of a group or a channel: taken in, exchanged, taken away."""

from typing import IO

from django.db import transaction
from django.db.models.functions import Now

from accounts.avatars import avatar_keys, make_avatar, new_avatar_key, store_avatar
from accounts.discarding import announce_objects, discard_objects, keep_objects
from accounts.models import User
from accounts.services.avatars import AVATAR_MAX_BYTES, CHANGES_AN_HOUR
from chat_project.core import audit
from chat_project.core.errors import PayloadTooLargeError
from chat_project.core.limits import hit
from conversations import policies
from conversations.models import Conversation
from conversations.policies import Capability
from conversations.selectors.memberships import get_membership
from conversations.services.announcements import announce, tell_updated
from conversations.services.roster import locked


def change_picture(*, actor: User, conversation_id: str, file: IO[bytes], size: int) -> None:
    """Make an uploaded picture a conversation's. The one before it is deleted after the commit.

    Raises ConversationNotFoundError, NotAllowedError, ConversationArchivedError, PayloadTooLargeError, InvalidError of
    `file`, TooManyRequestsError, UnavailableError.
    """
    if size > AVATAR_MAX_BYTES:
        raise PayloadTooLargeError(f"Give a picture of at most {AVATAR_MAX_BYTES // 1024 // 1024} MiB.")
    # Judged before the work of decoding, and once more under the lock.
    _require_may_change(actor, conversation_id)
    hit(f"avatar:{actor.pk}", limit=CHANGES_AN_HOUR, seconds=3600)
    large, small = make_avatar(file)
    key = new_avatar_key()
    announce_objects(*avatar_keys(key))
    store_avatar(large, small=small, key=key)
    _exchange(actor, conversation_id, key)


def remove_picture(*, actor: User, conversation_id: str) -> None:
    """Take a conversation's picture away; where there is none, nothing changes.

    Raises ConversationNotFoundError, NotAllowedError, ConversationArchivedError.
    """
    _exchange(actor, conversation_id, None)


@transaction.atomic
def _exchange(actor: User, conversation_id: str, key: str | None) -> None:
    conversation = locked(conversation_id)
    _require_may_change(actor, conversation_id)
    former = conversation.avatar_key
    if former == key:
        return
    Conversation.objects.filter(pk=conversation_id).update(avatar_key=key, updated_at=Now())
    conversation.refresh_from_db()
    if key is not None:
        keep_objects(*avatar_keys(key))
    if former is not None:
        discard_objects(*avatar_keys(former))
    event = "conversation.picture_removed" if key is None else "conversation.picture_changed"
    audit.record(actor_id=actor.pk, action=event, target=conversation)
    tell_updated(conversation)
    announce(conversation, actor_id=actor.pk, event=event)


def _require_may_change(actor: User, conversation_id: str) -> None:
    membership = get_membership(viewer_id=actor.pk, conversation_id=conversation_id)
    policies.require(membership, Capability.CHANGE_INFO)

"""What becomes of conversations when a person goes for good: memberships end, and what they own is passed on."""

from django.db import transaction
from django.db.models.functions import Now

from chat_project.core import audit
from conversations.enums import LeftReason, Role
from conversations.models import Conversation, ConversationMember
from conversations.services.announcements import tell_members, tell_own, tell_updated
from conversations.services.roster import active_member, end_membership, locked


def end_memberships(*, user_id: str) -> None:
    """End all memberships of a person whose account closes or is purged, and pass on what they own.

    Each conversation is a transaction of its own where the caller has none, so that no lock is held for long. Safe to
    run again: what is done stays done.
    """
    rows = ConversationMember.objects.filter(user_id=user_id, is_active=True).order_by("conversation_id")
    for conversation_id in rows.values_list("conversation_id", flat=True):
        _end_membership(conversation_id, user_id)


def pass_ownership_on(conversation: Conversation, *, leaving_id: str) -> str | None:
    """Make the longest-standing ADMIN, else MODERATOR, else MEMBER the owner, and return who that is.

    With nobody left the conversation is archived. The caller holds its lock, in a transaction, and ends the leaving
    owner's membership afterwards.
    """
    # The order of the roles' type is that of their rank.
    heir = (
        ConversationMember.objects.filter(conversation=conversation, is_active=True, user__is_active=True)
        .exclude(user_id=leaving_id)
        .order_by("role", "joined_at", "user_id")
        .first()
    )
    # One OWNER a conversation: the old one steps down first.
    ConversationMember.objects.filter(pk=(conversation.pk, leaving_id)).update(role=Role.ADMIN, updated_at=Now())
    heir_id = None if heir is None else heir.user_id
    if heir is not None:
        ConversationMember.objects.filter(pk=heir.pk).update(
            role=Role.OWNER, permissions={}, restricted_until=None, updated_at=Now()
        )
    Conversation.objects.filter(pk=conversation.pk).update(
        owner_id=heir_id, updated_at=Now(), **({"archived_at": Now()} if heir is None else {})
    )
    conversation.refresh_from_db()
    tell_updated(conversation, rights_changed=True)
    if heir is not None:
        audit.record(actor_id=None, action="ownership.inherited", target=conversation, user_id=heir_id)
        tell_members(conversation, [heir.user_id], event="member.updated", was=Role(heir.role))
        tell_own(conversation.pk, [heir.user_id])
    return heir_id


@transaction.atomic
def _end_membership(conversation_id: str, user_id: str) -> None:
    conversation = locked(conversation_id)
    member = ConversationMember.objects.filter(pk=(conversation_id, user_id), is_active=True).first()
    if member is None:
        return
    if member.role == Role.OWNER:
        pass_ownership_on(conversation, leaving_id=user_id)
        member = active_member(conversation, user_id)
    is_dm = conversation.dm_key is not None
    end_membership(conversation, member, reason=LeftReason.LEFT, announced_by=None if is_dm else user_id)

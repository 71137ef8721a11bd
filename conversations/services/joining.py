"""Joining by one's own will: at once where that is open, else when somebody approves."""

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from chat_project.core import audit
from chat_project.core.limits import hit
from conversations import policies
from conversations.conversation_settings import complete_settings
from conversations.enums import JoinRequestStatus
from conversations.errors import (
    BannedError,
    ConversationArchivedError,
    ConversationFullError,
    ConversationNotFoundError,
    JoinRequestNotFoundError,
)
from conversations.models import Conversation, ConversationMember, JoinRequest
from conversations.selectors.memberships import get_membership
from conversations.services.roster import join_people, locked


def join_public(*, user: User, conversation_id: str) -> bool:
    """Join a group or channel that has a handle; return whether the person is in now, or waits for approval.

    Raises ConversationNotFoundError also for what has no handle, BannedError, ConversationArchivedError,
    ConversationFullError, TooManyRequestsError after JOINS_PER_HOUR.
    """
    hit(f"joins:{user.pk}", limit=settings.JOINS_PER_HOUR, seconds=3600)
    with transaction.atomic():
        conversation = locked(conversation_id)
        member = _membership(conversation, user)
        if conversation.handle is None and not (member and member.is_active):
            raise ConversationNotFoundError
        is_in, _ = enter(conversation, user, invited_by_id=None, with_approval=False)
    return is_in


def enter(
    conversation: Conversation, user: User, *, invited_by_id: str | None, with_approval: bool
) -> tuple[bool, bool]:
    """Let a person in, or note that they ask; return whether they are in now, and whether that or the asking is new.

    `conversation` is locked by the caller. Raises BannedError, ConversationArchivedError, ConversationFullError.
    """
    member = _membership(conversation, user)
    if member is not None and member.is_active:
        return True, False
    if member is not None and policies.is_banned_now(member.is_banned, member.banned_until):
        raise BannedError
    if conversation.archived_at is not None:
        raise ConversationArchivedError
    if with_approval or complete_settings(conversation.settings)["join_approval"]:
        return False, _ask(conversation, user)
    _require_room(conversation)
    join_people(conversation, [user.pk], actor_id=user.pk, invited_by_id=invited_by_id)
    return True, True


@transaction.atomic
def approve_join_request(*, actor: User, conversation_id: str, user_id: str) -> None:
    """Let somebody in who asked.

    Raises ConversationNotFoundError, NotAllowedError, JoinRequestNotFoundError, ConversationArchivedError,
    ConversationFullError.
    """
    conversation = _judged(actor, conversation_id)
    if conversation.archived_at is not None:
        raise ConversationArchivedError
    _pending(conversation, user_id)
    _require_room(conversation)
    join_people(conversation, [user_id], actor_id=user_id, invited_by_id=actor.pk)
    audit.record(actor_id=actor.pk, action="join_request.approved", target=conversation, user_id=user_id)


@transaction.atomic
def decline_join_request(*, actor: User, conversation_id: str, user_id: str) -> None:
    """Decline somebody's wish to join; they may ask again.

    Raises ConversationNotFoundError, NotAllowedError, JoinRequestNotFoundError.
    """
    conversation = _judged(actor, conversation_id)
    request = _pending(conversation, user_id)
    JoinRequest.objects.filter(pk=request.pk).update(
        status=JoinRequestStatus.DECLINED, decided_by=actor, decided_at=Now()
    )
    audit.record(actor_id=actor.pk, action="join_request.declined", target=conversation, user_id=user_id)


def _judged(actor: User, conversation_id: str) -> Conversation:
    conversation = locked(conversation_id)
    policies.require_manager(get_membership(viewer_id=actor.pk, conversation_id=conversation_id))
    return conversation


def _pending(conversation: Conversation, user_id: str) -> JoinRequest:
    """Return a person's open request. Under the conversation's lock nobody else decides on it."""
    request = JoinRequest.objects.filter(
        conversation=conversation, user_id=user_id, status=JoinRequestStatus.PENDING, user__is_active=True
    ).first()
    if request is None:
        raise JoinRequestNotFoundError
    return request


def _membership(conversation: Conversation, user: User) -> ConversationMember | None:
    return ConversationMember.objects.filter(conversation=conversation, user=user).first()


def _ask(conversation: Conversation, user: User) -> bool:
    """Note that a person asks to join; return whether they did not already."""
    asking = JoinRequest.objects.filter(conversation=conversation, user=user)
    if asking.filter(status=JoinRequestStatus.PENDING).exists():
        return False
    again = {"status": JoinRequestStatus.PENDING, "created_at": Now(), "decided_by": None, "decided_at": None}
    if not asking.update(**again):
        JoinRequest.objects.create(conversation=conversation, user=user)
    return True


def _require_room(conversation: Conversation) -> None:
    if conversation.member_count >= settings.GROUP_MAX_MEMBERS:
        raise ConversationFullError

"""Invites: links by which people join. A code is 128 random bits; nothing but the answer to its maker shows it."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from chat_project.core import audit
from chat_project.core.errors import InvalidError
from chat_project.core.limits import hit
from conversations import policies
from conversations.errors import InviteInvalidError
from conversations.models import ConversationInvite
from conversations.models.invites import INVITE_MAX_USES
from conversations.policies import Capability
from conversations.selectors.invites import find_live_invite, is_code, live_invites
from conversations.selectors.memberships import get_membership
from conversations.services.joining import enter
from conversations.services.roster import locked

CODE_BYTES = 16


def create_invite(
    *,
    actor: User,
    conversation_id: str,
    expires_at: datetime | None = None,
    max_uses: int | None = None,
    requires_approval: bool = False,
) -> ConversationInvite:
    """Make an invite.

    Raises ConversationNotFoundError, NotAllowedError, ConversationArchivedError, InvalidError, which names the field;
    TooManyRequestsError after INVITES_PER_HOUR.
    """
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidError.of("expires_at", "Give a time that lies ahead.")
    if max_uses is not None and not 1 <= max_uses <= INVITE_MAX_USES:
        raise InvalidError.of("max_uses", f"Give a whole number from 1 to {INVITE_MAX_USES}.")
    hit(f"invites:{actor.pk}", limit=settings.INVITES_PER_HOUR, seconds=3600)
    with transaction.atomic():
        # The lock orders this with the loss of the right to invite, which revokes what stands.
        conversation = locked(conversation_id)
        membership = get_membership(viewer_id=actor.pk, conversation_id=conversation_id)
        policies.require(membership, Capability.MANAGE_INVITES)
        invite = ConversationInvite.objects.create(
            code=secrets.token_urlsafe(CODE_BYTES),
            conversation=conversation,
            created_by=actor,
            expires_at=expires_at,
            max_uses=max_uses,
            requires_approval=requires_approval,
        )
        audit.record(actor_id=actor.pk, action="invite.created", target=conversation, max_uses=max_uses)
    return invite


@transaction.atomic
def revoke_invite(*, actor: User, conversation_id: str, code: str) -> None:
    """Revoke an invite, whoever made it; one that is revoked stays so.

    Raises ConversationNotFoundError, NotAllowedError, InviteInvalidError where the conversation has no such invite.
    """
    conversation = locked(conversation_id)
    membership = get_membership(viewer_id=actor.pk, conversation_id=conversation_id)
    policies.require_right(membership, Capability.MANAGE_INVITES)
    if not is_code(code):
        raise InviteInvalidError
    invites = ConversationInvite.objects.filter(conversation=conversation, code=code)
    if invites.filter(revoked_at__isnull=True).update(revoked_at=Now()):
        audit.record(actor_id=actor.pk, action="invite.revoked", target=conversation)
    elif not invites.exists():
        raise InviteInvalidError


def join_by_invite(*, user: User, code: str) -> tuple[str, bool]:
    """Join by an invite; return the conversation's id, and whether the person is in now, or waits for approval.

    Who is in already stays so, and who waits goes on waiting: neither is counted as a use. Raises InviteInvalidError,
    BannedError, ConversationArchivedError, ConversationFullError, TooManyRequestsError after JOINS_PER_HOUR.
    """
    hit(f"joins:{user.pk}", limit=settings.JOINS_PER_HOUR, seconds=3600)
    with transaction.atomic():
        invite = find_live_invite(code=code)
        conversation = locked(invite.conversation_id)
        is_in, is_new = enter(
            conversation, user, invited_by_id=invite.created_by_id, with_approval=invite.requires_approval
        )
        if is_new:
            _use(code)
    return conversation.pk, is_in


def _use(code: str) -> None:
    """Count one use. What the invite was when it was read may be past: the row itself decides."""
    has_room = Q(max_uses__isnull=True) | Q(use_count__lt=F("max_uses"))
    if not live_invites().filter(has_room, code=code).update(use_count=F("use_count") + 1):
        raise InviteInvalidError

"""What becomes of conversations when a person goes for good: memberships end, and what they own is passed on."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models.functions import Now

from chat_project.core import audit
from conversations.enums import Role
from conversations.models import Conversation, ConversationMember
from conversations.services.announcements import tell_members, tell_own, tell_updated
from conversations.services.departures import depart

AT_ONCE = 100


def end_memberships(*, user_id: str) -> None:
    """End all memberships of a person whose account closes or is purged, and pass on what they own.

    A hundred conversations are a transaction of their own where the caller has none, so that no lock is held for long.
    Safe to run again: what is done stays done.
    """
    rows = ConversationMember.objects.filter(user_id=user_id, is_active=True).order_by("conversation_id")
    ids = list(rows.values_list("conversation_id", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        _end_memberships(ids[start : start + AT_ONCE], user_id)


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
def _end_memberships(conversation_ids: Sequence[str], user_id: str) -> None:
    conversations = _locked(conversation_ids)
    active = ConversationMember.objects.filter(user_id=user_id, conversation_id__in=conversation_ids, is_active=True)
    roles = dict(active.values_list("conversation_id", "role"))
    left = [each for each in conversations if each.pk in roles]
    for conversation in left:
        if roles[conversation.pk] == Role.OWNER:
            pass_ownership_on(conversation, leaving_id=user_id)
    depart(left, user_id=user_id)


def _locked(conversation_ids: Sequence[str]) -> list[Conversation]:
    """Return conversations under their locks, taken in the order of their keys as everybody takes them."""
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=conversation_ids)
    return list(rows.order_by("pk"))

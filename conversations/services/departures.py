"""Somebody who leaves many conversations at once: a fixed number of statements, however many they are."""

from collections.abc import Sequence

from django.db.models import F
from django.db.models.functions import Now

from accounts.selectors.people import get_people_as_anyone
from chat_project.core.realtime.publish import publish_on_commit
from conversations import events
from conversations.enums import LeftReason, Role
from conversations.models import Conversation, ConversationInvite, ConversationMember
from conversations.services.announcements import announce_everywhere, managers_of, tell_of_member
from conversations.services.roster import is_announced


def depart(conversations: Sequence[Conversation], *, user_id: str) -> None:
    """End a person's memberships, revoke their invites, and tell them and the others.

    The caller has locked the conversations, in which the person is an active member, and no OWNER. Channels cost one
    more statement each: who hears of it there is asked for one by one.
    """
    ids = [conversation.pk for conversation in conversations]
    memberships = ConversationMember.objects.filter(user_id=user_id, conversation_id__in=ids)
    roles = {pk: Role(role) for pk, role in memberships.values_list("conversation_id", "role")}
    # Only members write: who leaves says so first. Nobody says so in a DM.
    told = [each for each in conversations if each.dm_key is None and is_announced(each, roles[each.pk])]
    announce_everywhere(told, actor_id=user_id, event="member.left", user_ids=[user_id])
    memberships.update(
        is_active=False,
        role=Role.MEMBER,
        permissions={},
        restricted_until=None,
        left_at=Now(),
        left_reason=LeftReason.LEFT,
        is_banned=False,
        banned_until=None,
        updated_at=Now(),
    )
    Conversation.objects.filter(pk__in=ids).update(
        member_count=F("member_count") - 1, members_version=F("members_version") + 1
    )
    live = ConversationInvite.objects.filter(conversation_id__in=ids, created_by=user_id, revoked_at__isnull=True)
    live.update(revoked_at=Now())
    _tell(ids, user_id, roles)


def _tell(ids: Sequence[str], user_id: str, roles: dict[str, Role]) -> None:
    person = get_people_as_anyone(user_ids=[user_id])[user_id]
    rows = ConversationMember.objects.filter(user_id=user_id, conversation_id__in=ids).select_related("conversation")
    for row in rows.order_by("conversation_id"):
        conversation = row.conversation
        publish_on_commit(
            events.membership_changed(conversation, (user_id,)),
            events.conversation_removed(user_id=user_id, conversation_id=conversation.pk, reason="left"),
        )
        tell_of_member(
            conversation,
            row,
            person,
            event="member.left",
            was=roles[conversation.pk],
            managers=managers_of(conversation),
        )

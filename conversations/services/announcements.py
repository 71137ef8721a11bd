"""What services tell of what they did: SYSTEM messages in the timeline, and events to those whom it concerns."""

from collections.abc import Iterator, Sequence
from typing import Any

from accounts.models import User
from accounts.selectors.people import Person, get_people_as_anyone
from chat_project.core.realtime.publish import publish_on_commit
from conversations import events
from conversations.conversation_settings import complete_settings
from conversations.enums import ConversationType, Role
from conversations.models import Conversation, ConversationMember
from conversations.policies import SEEN_IN_CHANNELS, Capability, rights_of
from conversations.representations import member, shared
from messaging import timeline
from messaging.dialogs import member_dialogs
from messaging.drafts import Draft
from messaging.enums import MessageType
from messaging.events import message_created
from messaging.representations import appended_message
from messaging.representations import conversation as conversation_payload
from messaging.timeline import Outcome


def announce(conversation: Conversation, *, actor_id: str, event: str, **details: Any) -> None:
    """Append a SYSTEM message of an active member's doing, in the caller's transaction, and tell the members.

    `conversation.members_version` must be the one that stands in the database.
    """
    announce_everywhere([conversation], actor_id=actor_id, event=event, **details)


def announce_everywhere(conversations: Sequence[Conversation], *, actor_id: str, event: str, **details: Any) -> None:
    """Append the same SYSTEM message to several conversations by one statement; see `announce`."""
    if not conversations:
        return
    drafts = [
        Draft(
            conversation_id=conversation.pk,
            sender_id=actor_id,
            members_version=conversation.members_version,
            type=MessageType.SYSTEM,
            metadata={"system": {"event": event, "actor_id": actor_id, **details}},
        )
        for conversation in conversations
    ]
    results = timeline.append(drafts)
    actor = User.objects.get(pk=actor_id)
    for conversation, appended in zip(conversations, results, strict=True):
        if appended.outcome != Outcome.APPENDED:
            timeline.refuse(appended)
        conversation.last_seq, conversation.version = appended.seq, appended.version
        conversation.last_message_id = appended.draft.id
        publish_on_commit(message_created(appended, appended_message(appended, actor)))


def tell_updated(conversation: Conversation, *, rights_changed: bool = False) -> None:
    """Draw a version for what changed in the conversation's own row, in the caller's transaction, and tell the members.

    `rights_changed` raises members_version too: whoever was judged by the old one is judged again.
    """
    conversation.version, conversation.members_version = timeline.draw_version(
        conversation_id=conversation.pk, members_changed=rights_changed
    )
    publish_on_commit(events.conversation_updated(conversation, shared(conversation)))


def tell_members(conversation: Conversation, user_ids: Sequence[str], *, event: str, was: Role = Role.MEMBER) -> None:
    """Tell members that some of them joined, left or changed; `was` is the role that they had before.

    In a channel, MEMBERs hear of OWNER and ADMINs alone. Everybody gets the same, hence what these people show to
    strangers.
    """
    people = get_people_as_anyone(user_ids=user_ids)
    managers = managers_of(conversation)
    for row in ConversationMember.objects.filter(conversation=conversation, user_id__in=user_ids):
        tell_of_member(conversation, row, people[row.user_id], event=event, was=was, managers=managers)


def tell_of_member(
    conversation: Conversation,
    row: ConversationMember,
    person: Person,
    *,
    event: str,
    was: Role,
    managers: tuple[str, ...] | None,
) -> None:
    """Tell members of one of them, as `tell_members` does; `managers` are those of `managers_of`."""
    seen_by_all = managers is None or bool({was, Role(row.role)} & SEEN_IN_CHANNELS)
    only = None if seen_by_all else (*(managers or ()), row.user_id)
    payload = member(row, person, shows_reading=False, shows_inviter=managers is None or only is not None)
    # Who is banned is for managers to know, who ask for it: this goes to all.
    payload = {**payload, "is_banned": False, "banned_until": None}
    publish_on_commit(events.member_event(conversation, event=event, payload=payload, only=only))


def tell_added(conversation: Conversation, user_ids: Sequence[str]) -> None:
    """Tell people of a conversation that they are in now, each as they see it."""
    for user_id, payload in _as_seen_by(conversation.pk, user_ids):
        publish_on_commit(events.conversation_added(user_id=user_id, payload=payload))


def tell_own(conversation_id: str, user_ids: Sequence[str]) -> None:
    """Tell people's devices of a conversation in which something changed for them alone: role, rights, mute, draft."""
    for user_id, payload in _as_seen_by(conversation_id, user_ids):
        publish_on_commit(events.own_conversation_updated(user_id=user_id, payload=payload))


def managers_of(conversation: Conversation) -> tuple[str, ...] | None:
    """Return who may see the comings and goings of a channel; None where all members may."""
    if conversation.type != ConversationType.CHANNEL:
        return None
    rows = ConversationMember.objects.filter(conversation=conversation, is_active=True)
    if not complete_settings(conversation.settings)["default_permissions"].get(Capability.MANAGE_MEMBERS):
        rows = rows.exclude(role=Role.MEMBER, permissions={})
    kind = ConversationType(conversation.type)
    return tuple(
        row.user_id
        for row in rows
        if Capability.MANAGE_MEMBERS
        in rights_of(
            type=kind,
            role=Role(row.role),
            settings=conversation.settings,
            permissions=row.permissions,
            restricted_until=row.restricted_until,
        )
    )


def _as_seen_by(conversation_id: str, user_ids: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    users = list(User.objects.filter(pk__in=user_ids))
    for user_id, dialog in member_dialogs(conversation_id=conversation_id, users=users).items():
        yield user_id, conversation_payload(dialog)

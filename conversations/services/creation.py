"""New conversations."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings as configured
from django.db import IntegrityError, transaction

from accounts import policies as accounts_policies
from accounts.errors import PersonNotFoundError
from accounts.models import User
from accounts.selectors.people import Person, get_people
from accounts.services.checks import checked
from chat_project.core.errors import NotAllowedError
from chat_project.core.limits import hit
from chat_project.core.realtime.publish import publish_on_commit
from conversations import events
from conversations.conversation_settings import checked_settings
from conversations.enums import ConversationType, Role
from conversations.models import Conversation, ConversationMember
from conversations.services.announcements import announce, tell_added
from conversations.services.checks import checked_description, checked_handle, checked_title, taken_handle_refused
from conversations.services.members import split_addable
from conversations.services.roster import join_people

DMS_PER_DAY = 20


def open_dm(*, creator: User, user_id: str) -> tuple[str, bool]:
    """Return the id of the DM of two people, and whether it is new. With oneself: one's saved messages.

    Raises PersonNotFoundError; NotAllowedError where privacy or a block forbids it; TooManyRequestsError after 20
    new DMs with strangers in a day.
    """
    key = ":".join(sorted((creator.pk, user_id)))
    standing = Conversation.objects.filter(dm_key=key).values_list("pk", flat=True).first()
    if standing is not None:
        return standing, False
    person = get_people(viewer=creator, user_ids=[user_id]).get(user_id)
    if person is None or not person.user.is_active:
        raise PersonNotFoundError
    _require_reachable(creator, person)
    try:
        return _create_dm(creator, user_id, key), True
    except IntegrityError:
        # The other opened it at the same moment: the key is unique.
        return Conversation.objects.get(dm_key=key).pk, False


def create_conversation(
    *,
    creator: User,
    type: ConversationType,
    title: str,
    description: str = "",
    handle: str | None = None,
    member_ids: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
) -> tuple[str, list[str]]:
    """Create a group or a channel, whose OWNER the creator is; return its id, and who was not added.

    Whose privacy, or a block, forbids it is not added. Raises InvalidError, which names the field;
    TooManyRequestsError after GROUPS_PER_DAY.
    """
    values = checked(
        title=lambda: checked_title(title),
        description=lambda: checked_description(description),
        handle=lambda: checked_handle(handle),
        settings=lambda: checked_settings(settings or {}),
    )
    hit(f"new-groups:{creator.pk}", limit=configured.GROUPS_PER_DAY, seconds=86_400)
    return _create(Conversation(type=type, owner=creator, member_count=1, **values), creator, member_ids)


@transaction.atomic
def _create(conversation: Conversation, creator: User, member_ids: Sequence[str]) -> tuple[str, list[str]]:
    with taken_handle_refused():
        conversation.save(force_insert=True)
    ConversationMember.objects.create(conversation=conversation, user=creator, role=Role.OWNER)
    announce(conversation, actor_id=creator.pk, event="conversation.created", title=conversation.title)
    addable, not_added = split_addable(
        adder=creator, conversation=conversation, user_ids=member_ids, field="member_ids"
    )
    if addable:
        join_people(conversation, addable, actor_id=creator.pk, invited_by_id=creator.pk)
    publish_on_commit(events.membership_changed(conversation, (creator.pk,)))
    tell_added(conversation, [creator.pk])
    return conversation.pk, not_added


@transaction.atomic
def _create_dm(creator: User, user_id: str, key: str) -> str:
    people = sorted({creator.pk, user_id})
    conversation = Conversation.objects.create(
        type=ConversationType.DM, dm_key=key, settings={}, member_count=len(people)
    )
    ConversationMember.objects.bulk_create(
        [ConversationMember(conversation=conversation, user_id=each, role=Role.MEMBER) for each in people]
    )
    publish_on_commit(events.membership_changed(conversation, tuple(people)))
    tell_added(conversation, people)
    return conversation.pk


def _require_reachable(creator: User, person: Person) -> None:
    if person.user.pk == creator.pk:
        return
    if person.i_blocked or person.blocked_me:
        raise NotAllowedError
    allowed = accounts_policies.allows(
        person.user.privacy_settings,
        "direct_messages",
        subject_id=person.user.pk,
        viewer_id=creator.pk,
        is_contact=person.is_contact,
    )
    if not allowed:
        raise NotAllowedError
    if not person.is_contact:
        hit(f"new-dms:{creator.pk}", limit=DMS_PER_DAY, seconds=86_400)

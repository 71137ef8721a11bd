"""New conversations."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from accounts import policies as accounts_policies
from accounts.enums import NameKind
from accounts.errors import PersonNotFoundError
from accounts.models import User
from accounts.names import check_name_is_free, clean_name
from accounts.selectors.people import Person, get_people
from chat_project.core.errors import InvalidError, NotAllowedError
from chat_project.core.limits import hit
from chat_project.core.realtime.publish import publish_on_commit
from conversations import events
from conversations.conversation_settings import checked_settings
from conversations.enums import ConversationType, Role
from conversations.models import Conversation, ConversationMember
from conversations.models.conversations import DESCRIPTION_MAX_LENGTH, TITLE_MAX_LENGTH
from conversations.services.announcements import announce, tell_added
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


@transaction.atomic
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

    Whose privacy, or a block, forbids it is not added. Raises InvalidError, which names the field.
    """
    conversation = Conversation(
        type=type,
        title=_checked_title(title),
        description=_checked_description(description),
        handle=None if handle is None else _checked_handle(handle),
        owner=creator,
        settings=checked_settings(settings or {}),
        member_count=1,
    )
    _insert(conversation)
    ConversationMember.objects.create(conversation=conversation, user=creator, role=Role.OWNER)
    announce(conversation, actor_id=creator.pk, event="conversation.created", title=conversation.title)
    addable, not_added = split_addable(adder=creator, conversation=conversation, user_ids=member_ids)
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


def _insert(conversation: Conversation) -> None:
    """Insert a conversation; somebody may have taken its handle since that was looked at. Raises InvalidError."""
    try:
        with transaction.atomic():
            conversation.save(force_insert=True)
    except IntegrityError as error:
        if "conversations_handle_key" not in str(error):
            raise
        raise InvalidError.of("handle", "This handle is taken.") from None


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


def _checked_title(title: str) -> str:
    cleaned = clean_name(title)
    if not 1 <= len(cleaned) <= TITLE_MAX_LENGTH:
        raise InvalidError.of("title", f"Give 1 to {TITLE_MAX_LENGTH} characters.")
    return cleaned


def _checked_description(description: str) -> str:
    text = description.strip()
    if len(text) > DESCRIPTION_MAX_LENGTH:
        raise InvalidError.of("description", f"Give at most {DESCRIPTION_MAX_LENGTH} characters.")
    return text


def _checked_handle(handle: str) -> str:
    name = handle.lower()
    check_name_is_free(name, kind=NameKind.HANDLE, field="handle")
    return name

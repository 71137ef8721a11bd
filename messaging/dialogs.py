"""What one member sees of a conversation: a dialog. The list, sync and the page show the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.selectors.people import Person, get_people
from chat_project.core.api.pagination import DEFAULT_LIMIT, read_cursor, write_cursor
from chat_project.core.api.renderers import rfc3339
from chat_project.core.errors import InvalidError
from conversations import policies
from conversations.conversation_settings import PERMISSION_WORDS
from conversations.enums import ConversationType, Role
from conversations.errors import ConversationNotFoundError
from conversations.models import Conversation, ConversationMember
from messaging.rows import MessageRow, messages_by_key
from messaging.selectors import Scope

CURSOR_KIND = "dialogs"
SEARCH_MAX_LENGTH = 256


@dataclass(frozen=True, slots=True)
class Dialog:
    """A conversation and its last message, as one member sees them."""

    conversation: Conversation
    member: ConversationMember
    last_message: MessageRow | None
    peer: Person | None
    permissions: Mapping[str, bool]
    scope: Scope


@dataclass(frozen=True, slots=True)
class DialogPage:
    """A page of the list, and the cursor to the next."""

    results: list[Dialog]
    next: str | None


def get_dialog(*, viewer: User, conversation_id: str) -> Dialog:
    """Return one dialog. Raises ConversationNotFoundError."""
    dialogs = read_dialogs(viewer, active_memberships(viewer).filter(conversation_id=conversation_id))
    if not dialogs:
        raise ConversationNotFoundError
    return dialogs[0]


def list_dialogs(
    *,
    viewer: User,
    archived: bool = False,
    type: str | None = None,
    q: str | None = None,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> DialogPage:
    """Return a page of the viewer's dialogs: pinned first, then by last activity. Three statements.

    Raises InvalidError on an unknown type or a foreign cursor.
    """
    if type is not None and type not in ConversationType.values:
        raise InvalidError.of("type", f"Give one of {', '.join(ConversationType.values)}.")
    rows = active_memberships(viewer).filter(is_archived=archived).alias(activity=_activity())
    if type is not None:
        rows = rows.filter(conversation__type=type)
    if q:
        rows = rows.filter(_named(viewer, q[:SEARCH_MAX_LENGTH]))
    scope = f"{archived}:{type}:{q}"
    if cursor is not None:
        rows = rows.filter(_beyond(read_cursor(cursor, kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope)))
    found = list(rows.order_by("-is_pinned", "-activity", "-conversation_id")[: limit + 1])
    following = None
    if len(found) > limit:
        following = write_cursor(
            kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope, position=_position(found[limit - 1])
        )
    return DialogPage(read_dialogs(viewer, found[:limit]), following)


def member_dialogs(*, conversation_id: str, users: Sequence[User]) -> dict[str, Dialog]:
    """Return the dialog of each of some members, by user id: what they are told when a conversation comes to them."""
    rows = list(
        ConversationMember.objects.filter(
            conversation_id=conversation_id, user_id__in=[user.pk for user in users], is_active=True
        ).select_related("conversation")
    )
    if not rows:
        return {}
    if rows[0].conversation.type == ConversationType.DM:
        by_id = {user.pk: user for user in users}
        return {row.user_id: read_dialogs(by_id[row.user_id], [row])[0] for row in rows}
    last = messages_by_key(_last_keys(rows))
    return {row.user_id: _dialog(row, last, None) for row in rows}


def active_memberships(viewer: User) -> QuerySet[ConversationMember]:
    """Return the viewer's active memberships with their conversations."""
    return ConversationMember.objects.filter(user_id=viewer.pk, is_active=True).select_related("conversation")


def read_dialogs(viewer: User, memberships: Iterable[ConversationMember]) -> list[Dialog]:
    """Return the dialogs of some memberships: one statement for their last messages, one for the people of DMs."""
    rows = list(memberships)
    last = messages_by_key(_last_keys(rows))
    peer_ids = {row.conversation_id: _peer_id(row.conversation, viewer.pk) for row in rows}
    people = get_people(viewer=viewer, user_ids=_present(peer_ids.values()))
    return [_dialog(row, last, people.get(peer_ids[row.conversation_id] or "")) for row in rows]


def _last_keys(rows: Iterable[ConversationMember]) -> set[tuple[str, str]]:
    """Return the keys of last messages, where their members may see them."""
    return {
        (row.conversation_id, row.conversation.last_message_id)
        for row in rows
        if row.conversation.last_message_id is not None and row.conversation.last_seq >= row.visible_from_seq
    }


def _dialog(row: ConversationMember, last: Mapping[tuple[str, str], MessageRow], peer: Person | None) -> Dialog:
    conversation = row.conversation
    rights = policies.rights_of(
        type=ConversationType(conversation.type),
        role=Role(row.role),
        settings=conversation.settings,
        permissions=row.permissions,
        restricted_until=row.restricted_until,
    )
    return Dialog(
        conversation=conversation,
        member=row,
        last_message=_seen(last.get((conversation.id, conversation.last_message_id or "")), row),
        peer=peer,
        permissions={word: word in rights for word in PERMISSION_WORDS},
        scope=Scope.of(
            type=conversation.type, member_count=conversation.member_count, visible_from_seq=row.visible_from_seq
        ),
    )


def _seen(message: MessageRow | None, row: ConversationMember) -> MessageRow | None:
    return message if message is not None and message.seq >= row.visible_from_seq else None


def _peer_id(conversation: Conversation, viewer_id: str) -> str | None:
    """Return the other's id in a DM; one's own in one's saved messages."""
    if conversation.dm_key is None:
        return None
    first, second = str(conversation.dm_key).split(":")
    return second if first == viewer_id else first


def _present(ids: Iterable[str | None]) -> Sequence[str]:
    return [user_id for user_id in ids if user_id is not None]


def _activity() -> Coalesce:
    return Coalesce("conversation__last_message_at", "conversation__created_at", output_field=DateTimeField())


def _position(row: ConversationMember) -> dict[str, Any]:
    conversation = row.conversation
    return {
        "pinned": row.is_pinned,
        "activity": rfc3339(conversation.last_message_at or conversation.created_at),
        "id": conversation.id,
    }


def _beyond(position: Mapping[str, Any]) -> Q:
    older = Q(activity__lt=position["activity"]) | Q(activity=position["activity"], conversation_id__lt=position["id"])
    if position["pinned"]:
        return Q(is_pinned=False) | (Q(is_pinned=True) & older)
    return Q(is_pinned=False) & older


def _named(viewer: User, text: str) -> Q:
    """Match a conversation's title, or the name of a DM's other person."""
    peers = ConversationMember.objects.filter(
        Q(user__display_name__icontains=text) | Q(user__username__startswith=text.lower()),
        conversation_id=OuterRef("conversation_id"),
        conversation__type=ConversationType.DM,
    ).exclude(user_id=viewer.pk)
    return Q(conversation__title__icontains=text) | Q(Exists(peers))

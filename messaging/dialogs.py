"""What one member sees of a conversation: a dialog. The list, sync and the page show the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from django.db import connection

from accounts import policies as accounts_policies
from accounts.models import User
from accounts.selectors.people import Person, get_people
from chat_project.core.api.pagination import DEFAULT_LIMIT, read_cursor, write_cursor
from chat_project.core.errors import InvalidError
from conversations import policies
from conversations.conversation_settings import PERMISSION_WORDS
from conversations.enums import ConversationType, Role
from conversations.errors import ConversationNotFoundError
from messaging.dialog_rows import ACTIVITY, DialogRow, dialogs_where
from messaging.recent import Last, last_messages
from messaging.rows import MessageRow, messages_by_key
from messaging.search_text import fold
from messaging.selectors import Scope

CURSOR_KIND = "dialogs"
SEARCH_MAX_LENGTH = 256

# What a person's conversations are called: by title, or by the other person of a DM.
_NAMES: LiteralString = """
    SELECT c.id, c.title, person.display_name, person.username
    FROM conversation_members m
    JOIN conversations c ON c.id = m.conversation_id
    LEFT JOIN users person ON person.id = replace(replace(c.dm_key, m.user_id, ''), ':', '')
    WHERE m.user_id = %s AND m.is_active
"""
# From the last one of the page before: the rest of the pinned ones, and all others.
_BEYOND: LiteralString = f"AND (m.is_pinned, {ACTIVITY}, c.id) < (%s, %s::timestamptz, %s)"
_ORDER: LiteralString = f"ORDER BY m.is_pinned DESC, {ACTIVITY} DESC, c.id DESC LIMIT %s"


@dataclass(frozen=True, slots=True)
class Dialog:
    """A conversation and its last message, as one member sees them."""

    row: DialogRow
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
    dialogs = read_dialogs(viewer, dialogs_where("m.user_id = %s AND c.id = %s", [viewer.pk, conversation_id]))
    if not dialogs:
        raise ConversationNotFoundError
    return dialogs[0]


def find_dialogs(*, viewer: User, conversation_ids: Iterable[str]) -> list[Dialog]:
    """Return the viewer's dialogs among some conversations, in no order, without last messages. Two statements."""
    wanted = list(set(conversation_ids))
    return _dialogs(viewer, dialogs_where("m.user_id = %s AND c.id = ANY(%s)", [viewer.pk, wanted]), {})


def list_dialogs(
    *,
    viewer: User,
    archived: bool | None = False,
    type: str | None = None,
    q: str | None = None,
    unread: bool = False,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> DialogPage:
    """Return a page of the viewer's dialogs: pinned first, then by last activity. Four statements at most.

    With `archived` None it holds those in the list and those in the archive alike.

    `q` is part of a title or of the name of a DM's other person, whatever the case, accents and width, or the beginning
    of that one's username: one statement more.

    Raises InvalidError on an unknown type or a foreign cursor.
    """
    if type is not None and type not in ConversationType.values:
        raise InvalidError.of("type", f"Give one of {', '.join(ConversationType.values)}.")
    conditions: list[LiteralString] = ["m.user_id = %s"]
    params: list[Any] = [viewer.pk]
    if archived is not None:
        conditions.append("AND m.is_archived = %s")
        params.append(archived)
    if type is not None:
        conditions.append("AND c.type = %s")
        params.append(type)
    if unread:
        conditions.append("AND c.last_seq > m.last_read_seq")
    if q:
        conditions.append("AND c.id = ANY(%s)")
        params.append(_named(viewer, q[:SEARCH_MAX_LENGTH]))
    scope = f"{archived}:{type}:{unread}:{q}"
    if cursor is not None:
        position = read_cursor(cursor, kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope)
        conditions.append(_BEYOND)
        params.extend([position["pinned"], position["activity"], position["id"]])
    found = dialogs_where(" ".join([*conditions, _ORDER]), [*params, limit + 1])
    following = None
    if len(found) > limit:
        following = write_cursor(
            kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope, position=_position(found[limit - 1])
        )
    return DialogPage(read_dialogs(viewer, found[:limit]), following)


def member_dialogs(*, conversation_id: str, users: Sequence[User]) -> dict[str, Dialog]:
    """Return the dialog of each of some members, by user id: what they are told when a conversation comes to them."""
    rows = dialogs_where("c.id = %s AND m.user_id = ANY(%s)", [conversation_id, [user.pk for user in users]])
    if not rows:
        return {}
    # They are told within the transaction that brings it, which may not keep what it reads.
    last = messages_by_key({(each.conversation_id, each.message_id) for each in _last(rows)})
    if rows[0].type == ConversationType.DM:
        by_id = {user.pk: user for user in users}
        return {row.user_id: _dialogs(by_id[row.user_id], [row], last)[0] for row in rows}
    rights = _Rights()
    return {row.user_id: _dialog(row, last, None, rights) for row in rows}


def active_dialogs(viewer: User) -> list[DialogRow]:
    """Return all of a person's dialogs, without what they show of messages and people. One statement."""
    return dialogs_where("m.user_id = %s", [viewer.pk])


def read_dialogs(viewer: User, rows: Sequence[DialogRow]) -> list[Dialog]:
    """Return the viewer's dialogs of some rows: one statement for the people of DMs, two at most for last messages."""
    return _dialogs(viewer, rows, last_messages(_last(rows)))


# In a DM over which a block stands, or whose other person has gone.
_NOTHING: Mapping[str, bool] = dict.fromkeys(PERMISSION_WORDS, False)


def _dialogs(viewer: User, rows: Sequence[DialogRow], last: Mapping[tuple[str, str], MessageRow]) -> list[Dialog]:
    people = get_people(viewer=viewer, user_ids=[row.peer_id for row in rows if row.peer_id is not None])
    rights = _Rights()
    return [_dialog(row, last, people.get(row.peer_id or ""), rights) for row in rows]


def _named(viewer: User, q: str) -> list[str]:
    """Return which of a person's conversations are called so. PostgreSQL can't fold as search does."""
    part, beginning = fold(q), q.lower()
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, [viewer.pk])
        return [
            conversation_id
            for conversation_id, title, name, username in cursor.fetchall()
            if part in fold(title) or part in fold(name or "") or (username or "").startswith(beginning)
        ]


def _last(rows: Iterable[DialogRow]) -> set[Last]:
    return {Last(*key, row.version) for row in rows if (key := row.last_key) is not None}


def _dialog(
    row: DialogRow, last: Mapping[tuple[str, str], MessageRow], peer: Person | None, rights: "_Rights"
) -> Dialog:
    return Dialog(
        row=row,
        last_message=_seen(row, last),
        peer=peer,
        permissions=rights.of(row, peer),
        scope=Scope.of(type=row.type, member_count=row.member_count, visible_from_seq=row.visible_from_seq),
    )


class _Rights:
    """What members may do; most of a list differ in type and role alone, and are judged once."""

    def __init__(self) -> None:
        self._plain: dict[tuple[str, str], Mapping[str, bool]] = {}

    def of(self, row: DialogRow, peer: Person | None) -> Mapping[str, bool]:
        if row.type == ConversationType.DM and (peer is None or accounts_policies.are_parted(peer)):
            return _NOTHING
        if row.settings or row.permissions:
            return _permissions(row)
        key = (row.type, row.role)
        if key not in self._plain:
            self._plain[key] = _permissions(row)
        return self._plain[key]


def _permissions(row: DialogRow) -> Mapping[str, bool]:
    rights = policies.rights_of(
        type=ConversationType(row.type),
        role=Role(row.role),
        settings=row.settings,
        permissions=row.permissions,
        restricted_until=row.restricted_until,
    )
    return {word: word in rights for word in PERMISSION_WORDS}


def _seen(row: DialogRow, last: Mapping[tuple[str, str], MessageRow]) -> MessageRow | None:
    message = None if row.last_key is None else last.get(row.last_key)
    return message if message is not None and message.seq >= row.visible_from_seq else None


def _position(row: DialogRow) -> dict[str, Any]:
    return {"pinned": row.is_pinned, "activity": row.activity, "id": row.id}

"""What the chat's page is made of: read models put together for its templates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.representations import author
from accounts.selectors.contacts import count_received
from chat_project.core.api.pagination import MAX_LIMIT
from chat_project.core.errors import InvalidError
from conversations.enums import ConversationType
from conversations.policies import Capability
from messaging import representations
from messaging.dialogs import Dialog, find_dialogs, get_dialog, list_dialogs
from messaging.enums import MessageType
from messaging.errors import MessageNotFoundError
from messaging.selectors import HistoryQuery, MessagePage, list_messages
from messaging.sync import epoch, positions_of_others, standing_of
from messaging.web.cards import Card, card
from messaging.web.texts import script_texts
from messaging.web.unread_icon import UNREAD_ICON

# Rows in the first answer: what the tallest common screen shows. The rest comes as it is scrolled to.
ROWS = 20
# Conversations of a search, and messages in the bar of the pinned ones.
FOUND = 20
PINNED = 20
# With more unread than this, the page opens in the middle of the history, at the last message that was read.
OPENS_AT_END_UP_TO = 40

# What the page loads with its main script; the rest of the modules come when they are wanted.
MODULES = (
    "acts",
    "around",
    "composer",
    "dates",
    "dom",
    "files",
    "list",
    "live",
    "menu",
    "others",
    "outbox",
    "page",
    "pane",
    "reading",
    "resize",
    "rows",
    "scroll",
    "socket",
    "stash",
    "timeline",
)

# Offered before all others.
QUICK_REACTIONS = ("👍", "❤️", "😂", "🔥", "😮", "😢", "🙏")

# What the script makes the bubble of a message from that is still on its way.
BLANK_MESSAGE: Mapping[str, Any] = {"type": MessageType.TEXT, "sender": {"id": "", "display_name": ""}, "content": ""}


@dataclass(frozen=True, slots=True)
class Folder:
    """A part of the list: its name, and what it keeps."""

    label: Promise
    filters: Mapping[str, Any]


FOLDERS: Mapping[str, Folder] = {
    "all": Folder(gettext_lazy("All"), {}),
    "unread": Folder(gettext_lazy("Unread"), {"unread": True}),
    "groups": Folder(gettext_lazy("Groups"), {"type": ConversationType.GROUP}),
    "channels": Folder(gettext_lazy("Channels"), {"type": ConversationType.CHANNEL}),
    "archived": Folder(gettext_lazy("Archived"), {"archived": True}),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """A part of the conversation list, and where the next is fetched."""

    cards: list[Card]
    more: str


def frame(viewer: User, folder: str = "all") -> dict[str, Any]:
    """Return what every whole page holds around its middle.

    The versions are read first: what happens while the page is made is asked for by the script's first sync.
    """
    standing = standing_of(viewer=viewer)
    data = {
        "viewer": viewer.pk,
        "name": viewer.display_name,
        "site": settings.SITE_NAME,
        "epoch": epoch(),
        "versions": standing.versions,
        "unread": standing.unread,
        "socket": "/ws/v1/?html=1",
        "probe": reverse("rows"),
        "login": resolve_url(settings.LOGIN_URL),
    }
    listed = rows(viewer, folder=folder)
    return {
        "page_data": data,
        "page_texts": {**script_texts(), "icon": UNREAD_ICON},
        "modules": [f"js/{name}.js" for name in MODULES],
        "blank_message": BLANK_MESSAGE,
        "quick_reactions": QUICK_REACTIONS,
        "folders": FOLDERS,
        "folder": folder,
        "me": author(viewer),
        "waiting": count_received(viewer=viewer) or "",
        "cards": listed.cards,
        "more": listed.more,
    }


def rows(viewer: User, *, folder: str = "all", cursor: str | None = None) -> Rows:
    """Return a part of the conversation list. Raises InvalidError for a foreign cursor."""
    kept = FOLDERS.get(folder, FOLDERS["all"])
    page = list_dialogs(viewer=viewer, limit=ROWS, cursor=cursor, **kept.filters)
    more = f"{reverse('rows')}?{urlencode({'folder': folder, 'cursor': page.next})}" if page.next else ""
    return Rows([_card(dialog, viewer) for dialog in page.results], more)


def row(viewer: User, conversation_id: str, *, folder: str = "all") -> Card | None:
    """Return one row; None for what is not in the folder. Raises ConversationNotFoundError."""
    dialog = get_dialog(viewer=viewer, conversation_id=conversation_id)
    filters = FOLDERS.get(folder, FOLDERS["all"]).filters
    is_here = (
        dialog.row.is_archived == filters.get("archived", False)
        and filters.get("type", dialog.row.type) == dialog.row.type
        and (dialog.row.unread_count > 0 or not filters.get("unread"))
    )
    return _card(dialog, viewer) if is_here else None


def cards_of(viewer: User, conversation_ids: Iterable[str]) -> dict[str, Card]:
    """Return the cards of some conversations by id, without those that the viewer has left."""
    dialogs = find_dialogs(viewer=viewer, conversation_ids=conversation_ids)
    return {dialog.row.id: _card(dialog, viewer) for dialog in dialogs}


def heading(viewer: User, conversation_id: str) -> dict[str, Any]:
    """Return what stands above a conversation. Raises ConversationNotFoundError."""
    card = _card(get_dialog(viewer=viewer, conversation_id=conversation_id), viewer)
    return {"card": card, "pinned": _pinned(viewer, conversation_id)}


def welcome(viewer: User) -> dict[str, Any]:
    """Return what stands in the middle where nothing is open; a whole page holds it already."""
    return {"me": author(viewer), "cards": list_dialogs(viewer=viewer, limit=1).results}


def found(viewer: User, query: str) -> list[Card]:
    """Return the conversations whose names hold some words."""
    return [_card(dialog, viewer) for dialog in _named(viewer, query, FOUND)]


def writable(viewer: User, query: str) -> list[Card]:
    """Return where the viewer may write, the latest first: what is in the list, or what has a name with some words."""
    dialogs = _named(viewer, query, MAX_LIMIT) if query else list_dialogs(viewer=viewer, limit=MAX_LIMIT).results
    return [_card(dialog, viewer) for dialog in dialogs if _is_open(dialog)]


def _is_open(dialog: Dialog) -> bool:
    return dialog.row.archived_at is None and dialog.permissions[Capability.SEND_MESSAGES]


def _named(viewer: User, query: str, limit: int) -> list[Dialog]:
    """Return dialogs by their names, those in the list before those that are archived."""
    found = list_dialogs(viewer=viewer, q=query, archived=None, limit=limit).results
    return sorted(found, key=lambda dialog: dialog.row.is_archived)


def pane(
    viewer: User,
    conversation_id: str,
    *,
    at_end: bool = False,
    message_id: str | None = None,
    at: str | None = None,
) -> dict[str, Any]:
    """Return an open conversation, where its viewer has read to, at its end, or at one of its messages.

    `at` is the message where the viewer stood before a reload: where it is no more, the page opens as without it. The
    version is read before the messages: what comes in between is fetched by the script's next sync. Raises
    ConversationNotFoundError, MessageNotFoundError.
    """
    dialog = get_dialog(viewer=viewer, conversation_id=conversation_id)
    opening = HistoryQuery(around=message_id) if message_id else _opening(dialog, at_end=at_end)
    page = _around(viewer, conversation_id, at) if at else None
    if page is None:
        page = list_messages(viewer=viewer, conversation_id=conversation_id, query=opening)
    opened = _card(dialog, viewer)
    return {
        "card": opened,
        "open_id": conversation_id,
        "at_end": at_end,
        "jump_to": message_id,
        "at": at,
        "pinned": _pinned(viewer, conversation_id),
        "others": positions_of_others(viewer=viewer, dialogs=[dialog]).get(conversation_id, {}),
        "timeline": _rendered(page),
        "older": _history(conversation_id, page.next),
        "newer": _history(conversation_id, page.previous),
        "closed": _why_closed(dialog),
        "blocked": dialog.peer.user.pk if dialog.peer is not None and dialog.peer.i_blocked else None,
    }


def history(viewer: User, conversation_id: str, *, cursor: str | None, query: HistoryQuery) -> dict[str, Any]:
    """Return a part of a history, oldest first: what a cursor leads to, or what lies before or after a message.

    Raises ConversationNotFoundError, MessageNotFoundError, InvalidError.
    """
    page = list_messages(viewer=viewer, conversation_id=conversation_id, cursor=cursor, query=query)
    return {"timeline": _rendered(page), "more": _history(conversation_id, page.next)}


def _around(viewer: User, conversation_id: str, message_id: str) -> MessagePage | None:
    try:
        return list_messages(viewer=viewer, conversation_id=conversation_id, query=HistoryQuery(around=message_id))
    except (MessageNotFoundError, InvalidError):
        return None


def _card(dialog: Dialog, viewer: User) -> Card:
    return card(representations.conversation(dialog), viewer.pk)


def _pinned(viewer: User, conversation_id: str) -> list[dict[str, Any]]:
    query = HistoryQuery(pinned=True)
    page = list_messages(viewer=viewer, conversation_id=conversation_id, query=query, limit=PINNED)
    return [representations.message(row, page.scope) for row in page.results]


def _opening(dialog: Dialog, *, at_end: bool) -> HistoryQuery:
    row = dialog.row
    if at_end or row.unread_count <= OPENS_AT_END_UP_TO or row.last_read_message_id is None:
        return HistoryQuery()
    return HistoryQuery(around=row.last_read_message_id)


def _rendered(page: MessagePage) -> list[dict[str, Any]]:
    ordered = sorted(page.results, key=lambda row: row.seq)
    shown = [representations.message(row, page.scope) for row in ordered]
    if page.archived_to_seq is not None:
        standing = [message for message in shown if message["seq"] > page.archived_to_seq]
        if standing:
            standing[0]["is_after_archived"] = True
    return shown


def _history(conversation_id: str, cursor: str | None) -> str:
    return f"{reverse('history', args=[conversation_id])}?cursor={cursor}" if cursor else ""


def _why_closed(dialog: Dialog) -> str:
    """Return why the viewer can't write here; nothing where they can."""
    if dialog.row.archived_at is not None:
        return _("This conversation is archived.")
    if dialog.permissions[Capability.SEND_MESSAGES]:
        return ""
    if dialog.peer is not None and dialog.peer.i_blocked:
        return _("You have blocked this person.")
    if dialog.row.type == ConversationType.CHANNEL:
        return _("Only the people who run this channel post here.")
    return _("You may not write here.")

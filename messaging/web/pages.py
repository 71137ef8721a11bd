"""What the chat's page is made of: read models put together for its templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.representations import author
from accounts.selectors.contacts import count_received
from conversations.enums import ConversationType
from conversations.policies import Capability
from messaging import representations
from messaging.dialogs import Dialog, get_dialog, list_dialogs
from messaging.enums import MessageType
from messaging.selectors import HistoryQuery, MessagePage, list_messages
from messaging.sync import epoch, positions_of_others, standing_of
from messaging.web.cards import Card, card
from messaging.web.texts import script_texts

# Rows in the first answer: what the tallest common screen shows. The rest comes as it is scrolled to.
ROWS = 20
# With more unread than this, the page opens in the middle of the history, at the last message that was read.
OPENS_AT_END_UP_TO = 40

MODULES = (
    "composer",
    "dates",
    "list",
    "live",
    "outbox",
    "page",
    "pane",
    "people",
    "presence",
    "reading",
    "scroll",
    "socket",
    "status",
    "timeline",
    "typing",
    "unread",
)

# What the script makes the bubble of a message from that is still on its way.
BLANK_MESSAGE: Mapping[str, Any] = {"type": MessageType.TEXT, "sender": {"id": "", "display_name": ""}, "content": ""}


@dataclass(frozen=True, slots=True)
class Rows:
    """A part of the conversation list, and where the next is fetched."""

    cards: list[Card]
    more: str


def frame(viewer: User) -> dict[str, Any]:
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
        "waiting": reverse("contacts-waiting"),
        "login": resolve_url(settings.LOGIN_URL),
    }
    listed = rows(viewer)
    return {
        "page_data": data,
        "page_texts": script_texts(),
        "modules": [f"js/{name}.js" for name in MODULES],
        "blank_message": BLANK_MESSAGE,
        "me": author(viewer),
        "waiting": count_received(viewer=viewer) or "",
        "cards": listed.cards,
        "more": listed.more,
    }


def rows(viewer: User, *, cursor: str | None = None) -> Rows:
    """Return a part of the conversation list. Raises InvalidError for a foreign cursor."""
    page = list_dialogs(viewer=viewer, limit=ROWS, cursor=cursor)
    more = f"{reverse('rows')}?cursor={page.next}" if page.next else ""
    return Rows([_card(dialog, viewer) for dialog in page.results], more)


def row(viewer: User, conversation_id: str) -> Card | None:
    """Return one row; None for what the viewer has archived. Raises ConversationNotFoundError."""
    dialog = get_dialog(viewer=viewer, conversation_id=conversation_id)
    return None if dialog.row.is_archived else _card(dialog, viewer)


def heading(viewer: User, conversation_id: str) -> Card:
    """Return what stands above a conversation. Raises ConversationNotFoundError."""
    return _card(get_dialog(viewer=viewer, conversation_id=conversation_id), viewer)


def pane(viewer: User, conversation_id: str, *, at_end: bool = False) -> dict[str, Any]:
    """Return an open conversation, where its viewer left it, or at its end. Raises ConversationNotFoundError.

    The version is read before the messages: what comes in between is fetched by the script's next sync.
    """
    dialog = get_dialog(viewer=viewer, conversation_id=conversation_id)
    page = list_messages(viewer=viewer, conversation_id=conversation_id, query=_opening(dialog, at_end=at_end))
    opened = _card(dialog, viewer)
    return {
        "card": opened,
        "open_id": conversation_id,
        "at_end": at_end,
        "others": positions_of_others(viewer=viewer, dialogs=[dialog]).get(conversation_id, {}),
        "messages": _rendered(page),
        "older": _history(conversation_id, page.next),
        "newer": _history(conversation_id, page.previous),
        "closed": _why_closed(dialog),
    }


def history(viewer: User, conversation_id: str, cursor: str) -> dict[str, Any]:
    """Return a further part of a history, oldest first. Raises ConversationNotFoundError, InvalidError."""
    page = list_messages(viewer=viewer, conversation_id=conversation_id, cursor=cursor)
    return {"messages": _rendered(page), "more": _history(conversation_id, page.next)}


def _card(dialog: Dialog, viewer: User) -> Card:
    return card(representations.conversation(dialog), viewer.pk)


def _opening(dialog: Dialog, *, at_end: bool) -> HistoryQuery:
    row = dialog.row
    if at_end or row.unread_count <= OPENS_AT_END_UP_TO or row.last_read_message_id is None:
        return HistoryQuery()
    return HistoryQuery(around=row.last_read_message_id)


def _rendered(page: MessagePage) -> list[dict[str, Any]]:
    ordered = sorted(page.results, key=lambda row: row.seq)
    return [representations.message(row, page.scope) for row in ordered]


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

"""Messages and conversations as the contract shows them. No queries: everything was read before."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.representations import Named, author, person
from chat_project.core.api.renderers import rfc3339
from conversations.representations import shared, until
from messaging.dialogs import Dialog
from messaging.models import MessageEdit
from messaging.reactors import Reactor
from messaging.receipts import Receipt
from messaging.rows import MENTIONS_SHOWN, MessageRow
from messaging.selectors import Scope
from messaging.timeline import Appended


def message(row: MessageRow, scope: Scope) -> dict[str, Any]:
    """Return a Message as a member of this scope sees it. A tombstone shows no content."""
    deleted = row.is_deleted
    return {
        "id": row.id,
        "conversation_id": row.conversation_id,
        "seq": row.seq,
        "version": row.version,
        "type": row.type,
        "sender": author(row.sender) if row.sender is not None else None,
        "content": "" if deleted else row.content,
        "metadata": {} if deleted else _metadata(row),
        "reply_to": None if deleted else _quote(row, scope),
        "forwarded_from": None if deleted else _origin(row.forwarded_from, row.origin),
        "attachments": [] if deleted else [_attachment(item) for item in row.attachments],
        "reactions": [] if deleted else [_reaction(item, scope) for item in row.reactions],
        "mentions": [] if deleted else _mentions(row.metadata, row.mentions),
        "edited_at": row.edited_at,
        "edit_count": row.edit_count,
        "is_deleted": deleted,
        "deleted_at": row.deleted_at,
        "is_pinned": row.is_pinned and not deleted,
        "encryption": None if deleted else row.encryption,
        "client_id": row.client_id,
        "created_at": row.created_at,
    }


def appended_message(
    appended: Appended, sender: Named, *, origin: Named | None = None, mentions: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the Message that was just appended, from what was written, without reading it again.

    `origin` is who wrote what was forwarded, where that is not hidden; `mentions` are the people whom it names.
    """
    draft = appended.draft
    reply = appended.reply
    return {
        "id": draft.id,
        "conversation_id": draft.conversation_id,
        "seq": appended.seq,
        "version": appended.version,
        "type": draft.type.value,
        "sender": author(sender),
        "content": draft.content,
        "metadata": dict(draft.metadata),
        "reply_to": None if reply is None else {key: value for key, value in reply.items() if key != "seq"},
        "forwarded_from": _origin(draft.forwarded_from, origin),
        "attachments": [],
        "reactions": [],
        "mentions": _mentions(draft.metadata, mentions),
        "edited_at": None,
        "edit_count": 0,
        "is_deleted": False,
        "deleted_at": None,
        "is_pinned": False,
        "encryption": draft.encryption,
        "client_id": draft.client_id,
        "created_at": rfc3339(appended.created_at),
    }


def conversation(dialog: Dialog) -> dict[str, Any]:
    """Return a Conversation as its viewer sees it."""
    row = dialog.row
    return {
        **shared(row),
        "last_seq": row.last_seq,
        "last_message": None if dialog.last_message is None else message(dialog.last_message, dialog.scope),
        "unread_count": row.unread_count,
        "unread_mention_count": row.unread_mention_count,
        "peer": None if dialog.peer is None else person(dialog.peer),
        "my_role": row.role,
        "my_permissions": dialog.permissions,
        "muted_until": until(row.muted_until),
        "is_pinned": row.is_pinned,
        "is_archived": row.is_archived,
        "draft": row.draft,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def state(dialog: Dialog, others: Mapping[str, int]) -> dict[str, Any]:
    """Return what sync tells of a conversation beside its messages."""
    row = dialog.row
    return {
        "last_read_seq": row.last_read_seq,
        "unread_count": row.unread_count,
        "unread_mention_count": row.unread_mention_count,
        "muted_until": until(row.muted_until),
        "is_pinned": row.is_pinned,
        "is_archived": row.is_archived,
        "draft": row.draft,
        "my_role": row.role,
        "my_permissions": dialog.permissions,
        "others_read_seq": others.get("read", 0),
        "others_delivered_seq": others.get("delivered", 0),
    }


def edit(row: MessageEdit) -> dict[str, Any]:
    """Return the text of a message before an edit."""
    return {
        "edit_no": row.edit_no,
        "content": row.content,
        "edited_by": row.edited_by_id,
        "edited_at": rfc3339(row.edited_at),
    }


def receipt(row: Receipt) -> dict[str, Any]:
    """Return that a message reached somebody, or was read by them."""
    return {
        "user": person(row.person),
        "type": row.type.value,
        "created_at": rfc3339(row.created_at) if row.created_at else None,
    }


def reactor(row: Reactor) -> dict[str, Any]:
    """Return who reacted, and how."""
    return {"user": person(row.person), "emoji": row.emoji, "created_at": rfc3339(row.created_at)}


def _origin(stored: Mapping[str, Any] | None, writer: Named | None) -> dict[str, Any] | None:
    """Return where a message was forwarded from; the name is the one that its writer has now."""
    if stored is None:
        return None
    return {
        "sender_id": stored.get("sender_id"),
        "sender_name": None if writer is None else author(writer)["display_name"],
        "conversation_id": stored.get("conversation_id"),
        "message_id": stored.get("message_id"),
        "created_at": stored.get("created_at"),
    }


def _metadata(row: MessageRow) -> Mapping[str, Any]:
    """Return what a message says of itself; a sound's waveform stands by its id."""
    waveforms = {item["id"]: item["waveform"] for item in row.attachments if item["waveform"]}
    return {**row.metadata, "waveform": waveforms} if waveforms else row.metadata


def _mentions(metadata: Mapping[str, Any], mentions: Sequence[str]) -> list[str]:
    """Return whom a message names; where @all names more than are listed, those who are named beside it."""
    if len(mentions) <= MENTIONS_SHOWN:
        return list(mentions)
    return sorted({entity["user_id"] for entity in metadata.get("entities", ()) if entity["type"] == "mention"})


def _quote(row: MessageRow, scope: Scope) -> dict[str, Any] | None:
    quote = row.quote
    if quote is None or quote.seq < scope.visible_from_seq:
        return None
    return {
        "id": quote.id,
        "sender_id": quote.sender_id,
        "type": quote.type,
        "content": "" if quote.is_deleted or quote.is_encrypted else quote.content,
        "is_deleted": quote.is_deleted,
    }


def _reaction(item: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    return {"emoji": item["emoji"], "count": item["count"], "user_ids": item["user_ids"][: scope.reactors_shown]}


def _attachment(item: Mapping[str, Any]) -> dict[str, Any]:
    address = f"/api/v1/conversations/{item['conversation_id']}/attachments/{item['id']}"
    shown = {key: value for key, value in item.items() if key not in ("has_thumbnail", "waveform")}
    return {
        **shown,
        "content_url": f"{address}/content",
        "thumbnail_url": f"{address}/thumbnail" if item["has_thumbnail"] else None,
    }

"""Whole answers that REST and sockets give alike."""

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from messaging import representations
from messaging.fragments import bubble
from messaging.sync import SyncedConversation, changes_since, epoch


def sync_payload(*, viewer: User, query: Mapping[str, Any], with_html: bool = False) -> dict[str, Any]:
    """Return the answer to `sync`; a page's comes with each message's fragment."""
    here = epoch()
    sync = changes_since(
        viewer=viewer,
        versions=query["versions"],
        same_epoch=query["epoch"] in (None, here),
        with_states=query["states"],
    )
    payload: dict[str, Any] = {
        "epoch": here,
        "conversations": [_synced(conversation, with_html=with_html) for conversation in sync.conversations],
        "removed": sync.removed,
    }
    if query["states"]:
        payload["states"] = {dialog.row.id: representations.state(dialog, others) for dialog, others in sync.states}
    return payload


def _synced(synced: SyncedConversation, *, with_html: bool) -> dict[str, Any]:
    messages = [representations.message(row, synced.dialog.scope) for row in synced.messages]
    if with_html:
        messages = [{**message, "html": bubble(message)} for message in messages]
    return {
        "conversation": representations.conversation(synced.dialog),
        "messages": messages,
        "has_more": synced.has_more,
        "reset": synced.reset,
    }

"""What sockets are told of messages, and the payloads."""

from dataclasses import replace
from typing import Any

from chat_project.core.realtime.events import ConversationEvent, PersonEvent
from conversations.selectors.memberships import Membership
from messaging.representations import message
from messaging.rows import MessageRow
from messaging.selectors import Scope
from messaging.timeline import Appended


def message_created(appended: Appended, payload: dict[str, Any]) -> ConversationEvent:
    """Tell members of a message that was appended."""
    return ConversationEvent(
        conversation_id=appended.draft.conversation_id,
        members_version=appended.members_version,
        event="message.created",
        version=appended.version,
        data=payload,
        seq=appended.seq,
        quote_seq=None if appended.reply is None else appended.reply["seq"],
    )


def message_changed(
    row: MessageRow, *, scope: Scope, members_version: int, event: str = "message.updated"
) -> ConversationEvent:
    """Tell members of a message that changed, as `timeline.stamp_message` stamped it and it was read afterwards.

    `scope` is that of any member. The quote goes with it: who may not see it is told apart by the hub.
    """
    return ConversationEvent(
        conversation_id=row.conversation_id,
        members_version=members_version,
        event=event,
        version=row.version,
        data=message(row, replace(scope, visible_from_seq=1)),
        seq=row.seq,
        quote_seq=None if row.quote is None else row.quote.seq,
    )


def own_reading(*, membership: Membership, message_id: str, last_read_seq: int, unread_count: int) -> PersonEvent:
    """Tell a person's other devices how far they have read."""
    return PersonEvent(
        user_id=membership.user_id,
        event="read",
        conversation_id=membership.conversation_id,
        data={"message_id": message_id, "last_read_seq": last_read_seq, "unread_count": unread_count},
    )


def receipt(
    *, event: str, membership: Membership, message_id: str, seq: int, senders: tuple[str, ...]
) -> ConversationEvent:
    """Tell the senders of some messages that they arrived (`receipt.delivered`) or were read (`receipt.read`)."""
    return ConversationEvent(
        conversation_id=membership.conversation_id,
        members_version=membership.members_version,
        event=event,
        data={"user_id": membership.user_id, "message_id": message_id, "seq": seq},
        only=senders,
    )


def typing(*, membership: Membership, action: str) -> ConversationEvent:
    """Tell members that somebody is writing."""
    return ConversationEvent(
        conversation_id=membership.conversation_id,
        members_version=membership.members_version,
        event="typing",
        data={"user_id": membership.user_id, "action": action},
    )

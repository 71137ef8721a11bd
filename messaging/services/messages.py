"""Sending: the one way of a message, for REST and page in the caller's transaction, for sockets through the writer."""

from dataclasses import replace
from functools import partial
from typing import Any

from channels.db import database_sync_to_async
from django.db import transaction

from accounts.models import User
from attachments.errors import AttachmentInvalidError
from attachments.services.sending import bind_uploads, types_of_uploads
from chat_project.core.errors import InvalidError, NotAllowedError
from chat_project.core.realtime.publish import publish, publish_on_commit
from conversations import policies
from conversations.selectors.membership_cache import memberships
from conversations.selectors.memberships import Membership, get_membership
from messaging import representations, timeline
from messaging.drafts import Draft, Outgoing
from messaging.enums import MessageType
from messaging.events import message_created
from messaging.models import Message
from messaging.rows import messages_by_key
from messaging.selectors import Scope
from messaging.services.mentions import bind_names, set_mentions
from messaging.services.notifying import tell_absent
from messaging.timeline import Appended, Outcome
from messaging.writer import process_writer

# How often a draft is judged anew when rights change while it is on its way.
JUDGEMENTS = 3
# What may have come to hold after a message was sent whose answer got lost.
_REFUSALS = (NotAllowedError, AttachmentInvalidError)
_KINDS = {"image": MessageType.IMAGE, "video": MessageType.VIDEO, "audio": MessageType.AUDIO}


def send_message(*, sender: User, conversation_id: str, outgoing: Outgoing) -> tuple[dict[str, Any], bool]:
    """Append a message to a conversation's timeline and tell its members; return it, and whether it is new.

    A repeated `client_id` returns the message that already stands, also where nothing may be sent any more.

    Raises: ConversationNotFoundError, NotAllowedError, ConversationArchivedError, SlowModeError, StrangerLimitError,
    ReplyTargetInvalidError, AttachmentInvalidError, UnavailableError.
    """
    send = _send_with_rows if outgoing.names_somebody or outgoing.attachment_ids else _send
    try:
        return send(sender_id=sender.pk, conversation_id=conversation_id, outgoing=outgoing)
    except _REFUSALS as refusal:
        return _sent_before(refusal, sender.pk, conversation_id, outgoing), False


def _send(*, sender_id: str, conversation_id: str, outgoing: Outgoing) -> tuple[dict[str, Any], bool]:
    for _ in range(JUDGEMENTS):
        membership = get_membership(viewer_id=sender_id, conversation_id=conversation_id)
        [appended] = timeline.append([_judged(membership, outgoing)])
        if appended.outcome != Outcome.STALE:
            break
    if appended.outcome == Outcome.REPEATED:
        return _standing(appended, membership), False
    if appended.outcome != Outcome.APPENDED:
        timeline.refuse(appended)
    payload = representations.appended_message(appended, membership.author)
    publish_on_commit(message_created(appended, payload))
    transaction.on_commit(partial(tell_absent, payload), robust=True)
    return payload, True


async def asend_message(*, sender_id: str, conversation_id: str, outgoing: Outgoing) -> dict[str, Any]:
    """Append a message through the process' writer: `send_message` for sockets. It is on disk when this returns.

    Warm, it is one statement; what names somebody or has files goes by a transaction. Raises what `send_message` does.
    """
    try:
        return await _asend(sender_id=sender_id, conversation_id=conversation_id, outgoing=outgoing)
    except _REFUSALS as refusal:
        standing: dict[str, Any] = await database_sync_to_async(_sent_before, thread_sensitive=False)(
            refusal, sender_id, conversation_id, outgoing
        )
        return standing


async def _asend(*, sender_id: str, conversation_id: str, outgoing: Outgoing) -> dict[str, Any]:
    if outgoing.names_somebody or outgoing.attachment_ids:
        sent: dict[str, Any]
        sent, _ = await database_sync_to_async(_send_with_rows, thread_sensitive=False)(
            sender_id=sender_id, conversation_id=conversation_id, outgoing=outgoing
        )
        return sent
    for _ in range(JUDGEMENTS):
        membership = await memberships.get(viewer_id=sender_id, conversation_id=conversation_id)
        appended = await process_writer().append(_judged(membership, outgoing))
        if appended.is_final:
            break
        memberships.forget(viewer_id=sender_id, conversation_id=conversation_id)
        if appended.outcome != Outcome.STALE:
            break
    if appended.outcome == Outcome.REPEATED:
        standing: dict[str, Any] = await database_sync_to_async(_standing, thread_sensitive=False)(appended, membership)
        return standing
    if appended.outcome != Outcome.APPENDED:
        timeline.refuse(appended)
    payload = representations.appended_message(appended, membership.author)
    publish(message_created(appended, payload))
    tell_absent(payload)
    return payload


@transaction.atomic
def _send_with_rows(*, sender_id: str, conversation_id: str, outgoing: Outgoing) -> tuple[dict[str, Any], bool]:
    """Send what has rows beside its own: whom it names, and its files."""
    if outgoing.attachment_ids:
        # Who may not send here learns nothing of files.
        _require_may_send(get_membership(viewer_id=sender_id, conversation_id=conversation_id), outgoing)
        outgoing = replace(outgoing, type=_type_of_files(sender_id, conversation_id, outgoing))
    for _ in range(JUDGEMENTS):
        membership = get_membership(viewer_id=sender_id, conversation_id=conversation_id)
        named = bind_names(membership, outgoing.content, outgoing.marks)
        [appended] = timeline.append([_judged(membership, replace(outgoing, metadata=named.metadata))])
        if appended.outcome != Outcome.STALE:
            break
    if appended.outcome == Outcome.REPEATED:
        return _standing(appended, membership), False
    if appended.outcome != Outcome.APPENDED:
        timeline.refuse(appended)
    mentions: list[str] = []
    if named.people or named.everybody:
        mentions = set_mentions(
            conversation_id=conversation_id,
            message_id=appended.draft.id,
            seq=appended.seq,
            sender_id=sender_id,
            named=named,
        ).people
    if outgoing.attachment_ids:
        bind_uploads(
            uploader_id=sender_id,
            conversation_id=conversation_id,
            message_id=appended.draft.id,
            attachment_ids=outgoing.attachment_ids,
        )
        payload = _standing(appended, membership)
    else:
        payload = representations.appended_message(appended, membership.author, mentions=mentions)
    publish_on_commit(message_created(appended, payload))
    transaction.on_commit(partial(tell_absent, payload), robust=True)
    return payload, True


def _type_of_files(sender_id: str, conversation_id: str, outgoing: Outgoing) -> MessageType:
    """Return the type of a message with these files. Raises AttachmentInvalidError; InvalidError for another given."""
    mime_types = types_of_uploads(
        uploader_id=sender_id, conversation_id=conversation_id, attachment_ids=outgoing.attachment_ids
    )
    kinds = {_KINDS.get(each.partition("/")[0], MessageType.FILE) for each in mime_types}
    kind = kinds.pop() if len(kinds) == 1 else MessageType.FILE
    if outgoing.type not in (MessageType.TEXT, kind):
        raise InvalidError.of("type", f"By its attachments this is of type {kind}.")
    return kind


def _require_may_send(membership: Membership, outgoing: Outgoing) -> None:
    policies.require_may_send(membership, media=bool(outgoing.attachment_ids))


def _judged(membership: Membership, outgoing: Outgoing) -> Draft:
    """Return the draft of who may send it. What only holds under the lock is left to the timeline."""
    _require_may_send(membership, outgoing)
    return Draft(
        conversation_id=membership.conversation_id,
        sender_id=membership.user_id,
        members_version=membership.members_version,
        type=outgoing.type,
        content=outgoing.content,
        metadata=outgoing.metadata,
        reply_to_id=outgoing.reply_to_id,
        client_id=outgoing.client_id,
        encryption=outgoing.encryption,
        slow_mode=not policies.is_exempt_from_slow_mode(membership),
        stranger_limit=policies.STRANGER_MESSAGES if policies.is_stranger(membership) else None,
    )


def _sent_before(refusal: Exception, sender_id: str, conversation_id: str, outgoing: Outgoing) -> dict[str, Any]:
    """Return the message that a retry repeats, whatever speaks against it by now. Raises the refusal of any other."""
    found = Message.objects.filter(
        conversation_id=conversation_id, sender_id=sender_id, client_id=outgoing.client_id or ""
    )
    message_id = found.values_list("id", flat=True).first()
    if message_id is None:
        raise refusal
    membership = get_membership(viewer_id=sender_id, conversation_id=conversation_id)
    key = (conversation_id, message_id)
    return representations.message(messages_by_key([key])[key], Scope.of_membership(membership))


def _standing(appended: Appended, membership: Membership) -> dict[str, Any]:
    assert appended.message_id is not None
    key = (membership.conversation_id, appended.message_id)
    return representations.message(messages_by_key([key])[key], Scope.of_membership(membership))

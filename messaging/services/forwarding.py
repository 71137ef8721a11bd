"""Forwarding: copies of messages, which say whose they were as far as that person lets it be known."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from accounts import policies as accounts_policies
from accounts.models import User
from accounts.selectors.people import Person, get_people
from attachments.errors import AttachmentNotReadyError
from attachments.services.copying import CopiedFiles, copy_files
from chat_project.core.api.renderers import rfc3339
from chat_project.core.errors import ApplicationError
from chat_project.core.realtime.publish import publish_on_commit
from conversations import policies
from conversations.selectors.memberships import Membership, get_membership
from messaging import representations, timeline
from messaging.drafts import MEDIA_TYPES, Draft
from messaging.enums import MessageType
from messaging.errors import MessageNotFoundError, NotForwardableError
from messaging.events import message_created
from messaging.models import Message
from messaging.rows import messages_by_key
from messaging.selectors import Scope
from messaging.services.messages import JUDGEMENTS
from messaging.services.notifying import tell_absent
from messaging.timeline import Appended, Outcome

_HIDDEN = {"sender_id": None, "conversation_id": None, "message_id": None}


def forward_messages(
    *, sender: User, conversation_id: str, from_conversation_id: str, message_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Append copies of messages to another conversation, in the order in which they were said; return them.

    Whose message it was is judged by that person's privacy now, and stays as it was judged. Files are copied before the
    transaction, and are the forwarder's.

    Raises: ConversationNotFoundError, MessageNotFoundError, NotForwardableError, NotAllowedError,
    ConversationArchivedError, SlowModeError, StrangerLimitError, QuotaExceededError,
    ConversationQuotaExceededError, StorageFullError, UnavailableError.
    """
    originals = _originals(get_membership(viewer_id=sender.pk, conversation_id=from_conversation_id), message_ids)
    with_files = [message.id for message in originals if message.type in MEDIA_TYPES]
    if not with_files:
        return _append_copies(sender, conversation_id, originals, None)
    # Who may not send here has nothing copied.
    policies.require_may_send(get_membership(viewer_id=sender.pk, conversation_id=conversation_id), media=True)
    try:
        files = copy_files(uploader_id=sender.pk, conversation_id=from_conversation_id, message_ids=with_files)
    except AttachmentNotReadyError:
        raise NotForwardableError from None
    try:
        return _append_copies(sender, conversation_id, originals, files)
    except ApplicationError:
        files.discard()
        raise


@transaction.atomic
def _append_copies(
    sender: User, conversation_id: str, originals: Sequence[Message], files: CopiedFiles | None
) -> list[dict[str, Any]]:
    if files is not None:
        files.hold_room(conversation_id=conversation_id)
    sources = [_source(message) for message in originals]
    people = get_people(viewer=sender, user_ids={source["sender_id"] for source in sources if source["sender_id"]})
    origins = [_frozen(source, people) for source in sources]
    for _ in range(JUDGEMENTS):
        membership = get_membership(viewer_id=sender.pk, conversation_id=conversation_id)
        policies.require_may_send(membership)
        if files is not None:
            policies.require_may_send(membership, media=True)
        results = timeline.append(
            [_draft(membership, message, origin) for message, origin in zip(originals, origins, strict=True)]
        )
        if results[0].outcome != Outcome.STALE:
            break
    for appended in results:
        if appended.outcome != Outcome.APPENDED:
            timeline.refuse(appended)
    if files is not None:
        copies = {message.id: appended.draft.id for message, appended in zip(originals, results, strict=True)}
        files.bind(conversation_id=conversation_id, message_ids=copies)
        payloads = _read_again(membership, results)
    else:
        writers = [people[origin["sender_id"]].user if origin["sender_id"] else None for origin in origins]
        payloads = [
            representations.appended_message(appended, membership.author, origin=writer)
            for appended, writer in zip(results, writers, strict=True)
        ]
    for appended, payload in zip(results, payloads, strict=True):
        publish_on_commit(message_created(appended, payload))
        transaction.on_commit(partial(tell_absent, payload), robust=True)
    return payloads


def _read_again(membership: Membership, results: Sequence[Appended]) -> list[dict[str, Any]]:
    keys = [(membership.conversation_id, appended.draft.id) for appended in results]
    rows = messages_by_key(keys)
    return [representations.message(rows[key], Scope.of_membership(membership)) for key in keys]


def _originals(membership: Membership, message_ids: Sequence[str]) -> list[Message]:
    found = list(
        Message.objects.filter(
            conversation_id=membership.conversation_id, id__in=message_ids, seq__gte=membership.visible_from_seq
        )
        .select_related("conversation")
        .order_by("seq")
    )
    if len(found) < len(message_ids):
        raise MessageNotFoundError
    if any(
        message.is_deleted
        or message.encryption is not None
        or message.expires_at is not None
        or message.type == MessageType.SYSTEM
        for message in found
    ):
        raise NotForwardableError
    return found


def _source(message: Message) -> dict[str, Any]:
    """Return where a message comes from: what was forwarded before keeps its first origin."""
    if message.forwarded_from is not None:
        return dict(message.forwarded_from)
    is_public = message.conversation.handle is not None
    return {
        "sender_id": message.sender_id,
        "conversation_id": message.conversation_id if is_public else None,
        "message_id": message.id if is_public else None,
        "created_at": rfc3339(message.created_at),
    }


def _frozen(source: Mapping[str, Any], people: Mapping[str, Person]) -> dict[str, Any]:
    """Return an origin as it may be told; where the person is hidden, so is the message by which they'd be found."""
    person = people.get(source["sender_id"] or "")
    if person is None or not accounts_policies.shows(person, "forwards"):
        return {**source, **_HIDDEN}
    return dict(source)


def _draft(membership: Membership, message: Message, origin: Mapping[str, Any]) -> Draft:
    return Draft(
        conversation_id=membership.conversation_id,
        sender_id=membership.user_id,
        members_version=membership.members_version,
        type=MessageType(message.type),
        content=message.content,
        # Entities mark what stands in the text; all else belongs to the first message.
        metadata={key: value for key, value in message.metadata.items() if key == "entities"},
        forwarded_from=origin,
        slow_mode=not policies.is_exempt_from_slow_mode(membership),
        stranger_limit=policies.STRANGER_MESSAGES if policies.is_stranger(membership) else None,
    )

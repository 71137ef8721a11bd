"""Web Push of a message: the worker's part, which judges anew who is to hear of it, and what may be shown."""

import logging
import secrets
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from celery import current_app
from django.conf import settings
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts.models import PushSubscription
from accounts.presence import online_ids
from accounts.services.push import note_answers
from chat_project.core.api.renderers import encode
from chat_project.core.push.sending import Answer, Outcome, Push, send_push
from chat_project.core.signing import mac
from conversations.enums import ConversationType
from conversations.models import Conversation
from messaging.enums import MessageType
from messaging.formatting import without_markup
from messaging.notified import listeners
from messaging.rows import MessageRow, messages_by_key

# Devices of one task, and how many of them at once.
DEVICES_AT_ONCE = 200
THREADS = 8
ATTEMPTS = 5
# The pause before the second attempt; each one after it is twice as long.
BACKOFF_SECONDS = 5
# Well below the broker's visibility_timeout: what a worker holds for longer is given to another one too.
BACKOFF_MAX_SECONDS = 1800
TEXT_MAX_LENGTH = 200
TOPIC_LENGTH = 32

logger = logging.getLogger(__name__)
_random = secrets.SystemRandom()


def push_message(
    *, conversation_id: str, message_id: str, session_ids: Collection[str] | None = None, attempt: int = 0
) -> None:
    """Tell people's devices of a message that they have not read: all devices, or those that wait for this attempt.

    Who has the chat open somewhere is told later, if at all. What a push service is too busy to take is tried again.
    """
    message = messages_by_key([(conversation_id, message_id)]).get((conversation_id, message_id))
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    if message is None or conversation is None or message.is_deleted or message.type == MessageType.SYSTEM:
        return
    found = listeners(message, conversation_type=conversation.type)
    if session_ids is not None:
        devices = list(found.filter(session_id__in=session_ids))
    else:
        devices = _those_away(list(found), message)
    payloads = {shows_text: encode(_notice(message, conversation, shows_text)) for shows_text in (True, False)}
    answers = _send(devices, payloads, conversation_id)
    _settle(devices, answers, message, attempt)


def ask_for_push(
    conversation_id: str,
    message_id: str,
    session_ids: Sequence[str] | None = None,
    *,
    attempt: int = 0,
    after: float = 0,
) -> bool:
    """Have the worker push a message; tell whether the broker took it. A push that gets lost is not made up for."""
    arguments = [conversation_id, message_id, session_ids, attempt]
    try:
        current_app.send_task("messaging.tasks.push_message", args=arguments, countdown=after or None)
    except OperationalError as error:
        logger.warning("a message could not be pushed: %s", type(error).__name__)
        return False
    return True


def _those_away(devices: Sequence[PushSubscription], message: MessageRow) -> list[PushSubscription]:
    """Return the devices to tell now; those of people who are here, and further lots, get tasks of their own."""
    here = online_ids({device.user_id for device in devices})
    later = [device.session_id for device in devices if device.user_id in here]
    now = [device for device in devices if device.user_id not in here]
    key = (message.conversation_id, message.id)
    for lot in _lots(later):
        ask_for_push(*key, lot, after=settings.PUSH_ONLINE_DELAY_SECONDS)
    for lot in _lots([device.session_id for device in now[DEVICES_AT_ONCE:]]):
        ask_for_push(*key, lot)
    return now[:DEVICES_AT_ONCE]


def _lots(session_ids: Sequence[str]) -> list[Sequence[str]]:
    return [session_ids[start : start + DEVICES_AT_ONCE] for start in range(0, len(session_ids), DEVICES_AT_ONCE)]


def _send(
    devices: Sequence[PushSubscription], payloads: Mapping[bool, bytes], conversation_id: str
) -> dict[str, Answer]:
    def send(device: PushSubscription) -> Answer:
        topic = mac(purpose="push topic", message=f"{device.session_id}:{conversation_id}".encode())[:TOPIC_LENGTH]
        return send_push(
            Push(payload=payloads[device.shows_text], topic=topic),
            endpoint=device.endpoint,
            p256dh=bytes(device.p256dh),
            auth=bytes(device.auth),
        )

    with ThreadPoolExecutor(THREADS) as threads:
        return dict(zip([device.session_id for device in devices], threads.map(send, devices), strict=True))


def _settle(
    devices: Sequence[PushSubscription], answers: Mapping[str, Answer], message: MessageRow, attempt: int
) -> None:
    by_outcome = {
        outcome: [session_id for session_id, answer in answers.items() if answer.outcome is outcome]
        for outcome in Outcome
    }
    busy = by_outcome[Outcome.BUSY]
    is_last = attempt + 1 >= ATTEMPTS
    note_answers(
        arrived=by_outcome[Outcome.SENT],
        failed=by_outcome[Outcome.REFUSED] + (busy if is_last else []),
        gone=[device.endpoint for device in devices if answers[device.session_id].outcome is Outcome.GONE],
    )
    if busy and not is_last:
        wanted = max(answers[session_id].retry_after for session_id in busy)
        pause = max(wanted, BACKOFF_SECONDS * 2**attempt * _random.uniform(0.5, 1.0))
        ask_for_push(
            message.conversation_id, message.id, busy, attempt=attempt + 1, after=min(pause, BACKOFF_MAX_SECONDS)
        )


def _notice(message: MessageRow, conversation: Conversation, shows_text: bool) -> dict[str, Any]:
    """Return what a device shows. What is encrypted or expires is never shown: a screen keeps what it was told."""
    name = message.sender.display_name if message.sender is not None else ""
    is_secret = message.encryption is not None or conversation.settings.get("message_ttl_seconds")
    words = _("New message") if is_secret else _words(message)
    if not shows_text:
        title, body = settings.SITE_NAME, _("New message")
    elif conversation.type == ConversationType.DM:
        title, body = name, words
    else:
        is_group = conversation.type == ConversationType.GROUP
        title, body = conversation.title, f"{name}: {words}" if is_group else words
    return {"conversation": message.conversation_id, "title": title, "body": body, "sent_at": message.created_at}


def _words(message: MessageRow) -> str:
    kinds = {
        MessageType.IMAGE: _("Photo"),
        MessageType.VIDEO: _("Video"),
        MessageType.AUDIO: _("Audio"),
        MessageType.FILE: _("File"),
    }
    text = without_markup(message.content).strip()
    short = text if len(text) <= TEXT_MAX_LENGTH else f"{text[: TEXT_MAX_LENGTH - 1]}…"
    return short or str(kinds.get(MessageType(message.type), ""))

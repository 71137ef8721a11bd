"""The way from a send to Web Push, which no send waits on.

What was sent is noted in memory; a thread of the process looks every second in which of these conversations
somebody has a device that gets Web Push, by one statement, and asks the worker for no others. A process that is killed
forgets what it had noted: nobody loses a message by it, but the word that it is there.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from messaging.notified import followed_conversations
from messaging.services.pushing import ask_for_push

GATHER_SECONDS = 1.0
# Noted and not looked at yet. While the database is down, the oldest give way.
NOTED_MAX = 10_000

logger = logging.getLogger(__name__)

Noted = tuple[str, str, bool]


class Notifier:
    """Gathers what is sent in one process, and passes on what somebody is to hear of."""

    def __init__(self) -> None:
        self._noted: deque[Noted] = deque(maxlen=NOTED_MAX)
        self._wake = threading.Event()

    def start(self) -> None:
        """Begin to look, for as long as the process lives."""
        threading.Thread(target=self._run, name="notifier", daemon=True).start()

    def note(self, message: Mapping[str, Any]) -> None:
        """Note a Message that was just sent. Never blocks."""
        speaks_to_somebody = bool(message["mentions"] or message["reply_to"])
        self._noted.append((message["conversation_id"], message["id"], speaks_to_somebody))
        self._wake.set()

    def pass_on(self) -> None:
        """Ask for pushes: in each conversation of what was noted last, and of all that speaks to somebody.

        Where the database can't be asked, what was noted waits for the next call.
        """
        noted = [self._noted.popleft() for _ in range(len(self._noted))]
        if not noted:
            return
        try:
            followed = followed_conversations({conversation_id for conversation_id, _, _ in noted})
        except Exception:
            room = NOTED_MAX - len(self._noted)
            self._noted.extendleft(reversed(noted[-room:] if room else []))
            self._wake.set()
            raise
        for conversation_id, message_id in _worth_telling(noted):
            if conversation_id in followed and not ask_for_push(conversation_id, message_id):
                return

    def _run(self) -> None:
        while True:
            self._wake.wait()
            time.sleep(GATHER_SECONDS)
            self._wake.clear()
            try:
                self.pass_on()
            except Exception:
                logger.exception("messages could not be pushed")
            finally:
                connection.close()


_notifier: Notifier | None = None


def install_notifier(notifier: Notifier) -> None:
    """Name the notifier of this process: what `asgi.py` does, and nobody else."""
    global _notifier
    _notifier = notifier


def tell_absent(message: Mapping[str, Any]) -> None:
    """Have those told of a Message who don't have the chat open. Where the process has no notifier, nobody is."""
    if _notifier is not None:
        _notifier.note(message)


def _worth_telling(noted: Sequence[Noted]) -> list[tuple[str, str]]:
    """Return which messages are pushed: of many at once, a device would show the last alone."""
    last = {conversation_id: message_id for conversation_id, message_id, _ in noted}
    return [
        (conversation_id, message_id)
        for conversation_id, message_id, speaks_to_somebody in noted
        if speaks_to_somebody or last[conversation_id] == message_id
    ]

"""Publishes as another process makes them, in good order and out of it."""

import uuid
from collections import defaultdict
from typing import Any

import redis
from channels.layers import get_channel_layer
from django.conf import settings

from chat_project.core.realtime.events import ConversationEvent, Event, packed
from chat_project.core.realtime.shards import group_of, shard_of
from conversations.models import Conversation


def happening(conversation: Conversation, event: str = "message.updated", **fields: Any) -> ConversationEvent:
    """Return an event of a conversation, under its present members_version."""
    conversation.refresh_from_db()
    values = {"members_version": conversation.members_version, "data": {}, **fields}
    return ConversationEvent(conversation_id=conversation.pk, event=event, **values)


class OtherProcess:
    """A process that publishes to the servers under test; its publishes are numbered shard by shard."""

    def __init__(self) -> None:
        self._name = uuid.uuid4().hex
        self._numbers: dict[int, int] = defaultdict(int)

    def publish(self, conversation: Conversation, *events: Event) -> None:
        """Publish a batch on a conversation's shard."""
        shard = self._count(conversation)
        message = {
            "type": "hub.batch",
            "process": self._name,
            "shard": shard,
            "number": self._numbers[shard],
            "events": [packed(event) for event in events],
        }
        layer = settings.CHANNEL_LAYERS["default"]["CONFIG"]
        with redis.Redis.from_url(layer["hosts"][0]) as client:
            client.publish(f"{layer['prefix']}__group__{group_of(shard)}", get_channel_layer().serialize(message))

    def lose(self, conversation: Conversation) -> None:
        """Publish what arrives nowhere."""
        self._count(conversation)

    def _count(self, conversation: Conversation) -> int:
        shard = shard_of(conversation.pk, settings.REALTIME_SHARDS)
        self._numbers[shard] += 1
        return shard

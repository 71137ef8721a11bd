"""The commands of a socket: each parses its data and calls one function, as REST's views do."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from channels.db import database_sync_to_async

from accounts.models import User
from chat_project.core.errors import NotAuthenticatedError
from chat_project.core.realtime.publish import process_hub
from messaging import bodies
from messaging.payloads import sync_payload
from messaging.selectors import require_message
from messaging.services import (
    announce_typing,
    asend_message,
    delete_message,
    edit_message,
    mark_delivered,
    mark_read,
    set_reaction,
    unset_reaction,
)
from messaging.services.pace import aask_pace, arequire_pace, keeps_pace
from messaging.sockets.live import LiveSocket

TYPING_SECONDS = 3.0
TYPING_REMEMBERED = 100

Handler = Callable[[LiveSocket, Any], Awaitable[Any]]


async def _send(socket: LiveSocket, data: Any) -> Any:
    conversation_id, body = bodies.split_conversation(data)
    is_counted = keeps_pace(socket.user_id)
    outgoing = bodies.outgoing(body)
    # Names are looked up on the way, or Redis is asked: what is said afterwards waits, so that it does not come first.
    if outgoing.names_somebody or not is_counted or socket.turn.locked():
        async with socket.turn:
            if not is_counted:
                await aask_pace(socket.user_id)
            return await asend_message(sender_id=socket.user_id, conversation_id=conversation_id, outgoing=outgoing)
    return await asend_message(sender_id=socket.user_id, conversation_id=conversation_id, outgoing=outgoing)


async def _edit(socket: LiveSocket, data: Any) -> Any:
    conversation_id, rest = bodies.split_conversation(data)
    message_id, body = bodies.split_message(rest)
    await arequire_pace(socket.user_id)
    key = {"conversation_id": conversation_id, "message_id": message_id}
    await database_sync_to_async(require_message, thread_sensitive=False)(viewer_id=socket.user_id, **key)
    content = bodies.new_text(body)
    return await database_sync_to_async(edit_message, thread_sensitive=False)(
        editor_id=socket.user_id, content=content, **key
    )


async def _delete(socket: LiveSocket, data: Any) -> Any:
    conversation_id, rest = bodies.split_conversation(data)
    message_id, body = bodies.split_message(rest)
    bodies.nothing(body)
    await arequire_pace(socket.user_id)
    await database_sync_to_async(delete_message, thread_sensitive=False)(
        actor_id=socket.user_id, conversation_id=conversation_id, message_id=message_id
    )
    return {}


async def _set_reaction(socket: LiveSocket, data: Any) -> Any:
    return await _react(set_reaction, socket, data)


async def _unset_reaction(socket: LiveSocket, data: Any) -> Any:
    return await _react(unset_reaction, socket, data)


async def _react(change: Callable[..., dict[str, Any]], socket: LiveSocket, data: Any) -> Any:
    conversation_id, body = bodies.split_conversation(data)
    message_id, emoji = bodies.reaction(body)
    await arequire_pace(socket.user_id)
    return await database_sync_to_async(change, thread_sensitive=False)(
        actor_id=socket.user_id, conversation_id=conversation_id, message_id=message_id, emoji=emoji
    )


async def _delivered(socket: LiveSocket, data: Any) -> Any:
    conversation_id, body = bodies.split_conversation(data)
    message_id = bodies.read_up_to(body)
    return await database_sync_to_async(mark_delivered, thread_sensitive=False)(
        receiver_id=socket.user_id, conversation_id=conversation_id, message_id=message_id
    )


async def _read(socket: LiveSocket, data: Any) -> Any:
    conversation_id, body = bodies.split_conversation(data)
    message_id = bodies.read_up_to(body)
    return await database_sync_to_async(mark_read, thread_sensitive=False)(
        reader_id=socket.user_id, conversation_id=conversation_id, message_id=message_id
    )


async def _typing(socket: LiveSocket, data: Any) -> Any:
    conversation_id, body = bodies.split_conversation(data)
    action = bodies.typing_action(body)
    now = time.monotonic()
    if action == "typing" and now - socket.typed_at.get(conversation_id, -TYPING_SECONDS) < TYPING_SECONDS:
        return {}
    # An end is told once, and only of what was told.
    is_news = action != "cancel" or conversation_id in socket.typing_in
    await announce_typing(sender_id=socket.user_id, conversation_id=conversation_id, action=action, is_news=is_news)
    if len(socket.typed_at) >= TYPING_REMEMBERED:
        socket.typed_at.clear()
        socket.typing_in.clear()
    if action == "cancel":
        socket.typing_in.discard(conversation_id)
    else:
        socket.typed_at[conversation_id] = now
        socket.typing_in.add(conversation_id)
    return {}


async def _sync(socket: LiveSocket, data: Any) -> Any:
    query = bodies.sync_query(data)
    # The dearest of all commands: a socket has one at work.
    async with socket.syncing:
        return await database_sync_to_async(_synced, thread_sensitive=False)(socket, query)


def _synced(socket: LiveSocket, query: Mapping[str, Any]) -> dict[str, Any]:
    viewer = User.objects.filter(pk=socket.user_id).first()
    if viewer is None:
        # Purged while the socket was open.
        raise NotAuthenticatedError
    return sync_payload(viewer=viewer, query=query, with_html=socket.wants_html)


async def _watch(socket: LiveSocket, data: Any) -> Any:
    return {"results": await process_hub().watch(socket, bodies.watched_people(data))}


async def _ping(socket: LiveSocket, data: Any) -> Any:
    return {}


COMMANDS: Mapping[str, Handler] = {
    "message.send": _send,
    "message.edit": _edit,
    "message.delete": _delete,
    "reaction.set": _set_reaction,
    "reaction.unset": _unset_reaction,
    "read": _read,
    "delivered": _delivered,
    "typing": _typing,
    "presence.watch": _watch,
    "sync": _sync,
    "ping": _ping,
}
# What changes nothing that its sender would look for.
READING = frozenset({"typing", "presence.watch", "sync", "ping"})

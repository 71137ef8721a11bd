"""The socket `/ws/v1/`: from frame to command and back."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from channels.consumer import AsyncConsumer
from channels.db import database_sync_to_async
from django.conf import settings

from chat_project.core import audit
from chat_project.core.api.json import parse_json
from chat_project.core.api.problems import CONTENT_TYPE, as_application_error, headers_of
from chat_project.core.api.renderers import encode
from chat_project.core.db.replica import note_write
from chat_project.core.errors import ApplicationError, InvalidError, NotAuthenticatedError, TooManyRequestsError
from chat_project.core.realtime.hub import SESSION_REVOKED, Hub
from chat_project.core.realtime.publish import process_hub
from conversations.selectors.membership_cache import memberships
from messaging.sockets.commands import COMMANDS, READING
from messaging.sockets.handshake import Handshake, HandshakeRefusedError, shake_hands
from messaging.sockets.live import LiveSocket
from messaging.sync import epoch

HEARTBEAT_SECONDS = 25
FRAME_MAX_BYTES = 64 * 1024
IN_PROGRESS_MAX = 8
TRY_AGAIN_LATER = 1013
MESSAGE_TOO_BIG = 1009
SOCKETS_A_SESSION = 10
SOCKETS_AN_ACCOUNT = 30
# How long a socket that does not read its close frame is waited for.
CLOSE_SECONDS = 10.0

logger = logging.getLogger(__name__)


class ChatConsumer(AsyncConsumer):
    """One socket. It has no channel of its own in the layer: the hub writes to it."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        try:
            handshake = await shake_hands(scope)
        except HandshakeRefusedError as refusal:
            logger.info("a handshake was refused: %s", refusal)
            await send({"type": "websocket.close"})
            return
        except Exception as error:
            await _refuse(scope, send, as_application_error(error))
            return
        audit.origin.set(handshake.origin)
        hub = process_hub()
        await hub.start()
        if not _has_room(hub, handshake):
            await send({"type": "websocket.close"})
            return
        await send({"type": "websocket.accept", "subprotocol": handshake.subprotocol})
        await self._live(hub, handshake, receive, send)

    async def _live(self, hub: Hub, handshake: Handshake, receive: Any, send: Any) -> None:
        socket = LiveSocket(handshake.identity, send, wants_html=handshake.wants_html)
        try:
            # First in the queue: from the attachment on, events may come.
            await self._greet(socket)
            await hub.attach(socket)
        except Exception as error:
            as_application_error(error)
            hub.detach(socket)
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        writer = asyncio.create_task(socket.outbox.write())
        socket.on_end = _cancel_later()
        try:
            await self._read(socket, receive)
        finally:
            hub.detach(socket)
            writer.cancel()

    async def _greet(self, socket: LiveSocket) -> None:
        hello = {
            "type": "hello",
            "session_id": socket.session_id,
            "user_id": socket.user_id,
            "heartbeat_seconds": HEARTBEAT_SECONDS,
            "server_time": datetime.now(UTC),
            "epoch": await database_sync_to_async(epoch, thread_sensitive=False)(),
        }
        socket.offer(encode(hello).decode())

    async def _read(self, socket: LiveSocket, receive: Any) -> None:
        """Take frames, up to eight at work at once; more wait in the transport."""
        slots = asyncio.Semaphore(IN_PROGRESS_MAX)
        tasks: set[asyncio.Task[None]] = set()
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            if socket.outbox.is_closing:
                continue
            frame = _parsed(socket, message)
            if frame is None:
                continue
            await slots.acquire()
            await _warm(socket, frame)
            task = asyncio.create_task(_run(socket, frame))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            task.add_done_callback(lambda _: slots.release())


class UnknownSocketConsumer(AsyncConsumer):
    """Any other address: the handshake is refused."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.close"})


async def _refuse(scope: dict[str, Any], send: Any, error: ApplicationError) -> None:
    """Answer a handshake with a problem; where the server knows no answers to handshakes, with its 403."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    headers = {"Content-Type": CONTENT_TYPE, **headers_of(error)}
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "websocket.http.response.start", "status": error.status, "headers": encoded})
    await send({"type": "websocket.http.response.body", "body": encode(error.problem())})


def _cancel_later() -> Callable[[], None]:
    """Return what gives up on a client that reads nothing, not even its close frame."""
    reader = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def cancel() -> None:
        if reader is not None:
            loop.call_later(CLOSE_SECONDS, reader.cancel)

    return cancel


def _has_room(hub: Hub, handshake: Handshake) -> bool:
    sockets = hub.sockets_of(handshake.identity.user_id)
    of_session = [socket for socket in sockets if socket.session_id == handshake.identity.session_id]
    return len(sockets) < SOCKETS_AN_ACCOUNT and len(of_session) < SOCKETS_A_SESSION


def _parsed(socket: LiveSocket, message: dict[str, Any]) -> dict[str, Any] | None:
    """Return the frame's object; what is no frame, and what comes too fast, is answered and counted."""
    text = message.get("text")
    command_id = None
    try:
        if text is None:
            raise InvalidError("Frames are text.", code="bad_frame")
        if len(text) > FRAME_MAX_BYTES or len(text.encode()) > FRAME_MAX_BYTES:
            socket.end(MESSAGE_TOO_BIG)
            return None
        frame = parse_json(text)
        if not isinstance(frame, dict):
            raise InvalidError("A frame is a JSON object.", code="bad_frame")
        if not isinstance(frame.get("id"), str):
            raise InvalidError("A command has an id, which is a text.", code="bad_frame")
        command_id = frame["id"]
        if frame.get("command") not in COMMANDS:
            raise InvalidError("There is no such command.", code="unknown_command")
        if unknown := frame.keys() - {"id", "command", "data", "type"}:
            raise InvalidError(errors={name: ["There is no such field."] for name in sorted(unknown)})
        if settings.RATE_LIMITS and not socket.commands.take():
            raise TooManyRequestsError(retry_after=1)
    except ApplicationError as error:
        socket.refuse(command_id, error.problem())
        socket.offend()
        return None
    return frame


async def _warm(socket: LiveSocket, frame: dict[str, Any]) -> None:
    """Read the membership before the next frame is taken, so that messages keep the order in which they were sent."""
    data = frame.get("data")
    if frame["command"] == "message.send" and isinstance(data, dict):
        conversation_id = data.get("conversation_id")
        if isinstance(conversation_id, str):
            try:
                await memberships.get(viewer_id=socket.user_id, conversation_id=conversation_id)
            except Exception:  # the command itself meets the same error, and answers with it
                return


async def _run(socket: LiveSocket, frame: dict[str, Any]) -> None:
    # In a task of its own, hence for this command alone.
    audit.origin.set(audit.origin.get().again())
    try:
        data = await COMMANDS[frame["command"]](socket, frame.get("data", {}))
        if settings.REPLICA_URL and frame["command"] not in READING:
            await database_sync_to_async(note_write, thread_sensitive=False)(socket.user_id)
    except NotAuthenticatedError:
        socket.end(SESSION_REVOKED)
    except Exception as error:
        socket.refuse(frame["id"], as_application_error(error).problem())
    else:
        socket.reply(frame["id"], data)

"""A socket by hand: it can stop in the middle of anything, and read nothing."""

import contextlib
import socket
import struct

from tests.clients import Served

TEXT, CONTINUATION, PING = 0x1, 0x0, 0x9
_FINAL, _MASKED = 0x80, 0x80
_NARROW = 4096
_PATIENCE = 10.0


class RawSocket:
    """A signed-in WebSocket whose client keeps to nothing."""

    def __init__(self, chat: Served, access: str, *, narrow: bool = False) -> None:
        host, _, port = chat.url.removeprefix("http://").partition(":")
        self._socket = socket.socket()
        self._socket.settimeout(_PATIENCE)
        if narrow:
            # Before it connects, or the window has been granted already.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _NARROW)
        self._socket.connect(("127.0.0.1", int(port)))
        self.port = int(self._socket.getsockname()[1])
        self.send(
            f"GET /ws/v1/ HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            f"Authorization: Bearer {access}\r\n\r\n".encode()
        )
        greeted = b""
        while b'"type":"hello"' not in greeted:
            part = self._socket.recv(_NARROW)
            assert part, greeted
            greeted += part

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(data)

    def reset(self) -> None:
        """End by a reset, as a machine does whose program was killed with something unread."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def close(self) -> None:
        """End in good order of the transport, without a word of the protocol's."""
        with contextlib.suppress(OSError):
            self._socket.close()


def frame(payload: bytes, *, kind: int = TEXT, final: bool = True) -> bytes:
    """Return a frame of a client's, masked by zeros."""
    length = len(payload)
    head = bytes((_FINAL * final | kind,))
    if length < 126:
        head += bytes((_MASKED | length,))
    else:
        head += bytes((_MASKED | 126,)) + length.to_bytes(2)
    return head + b"\0\0\0\0" + payload

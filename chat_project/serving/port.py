"""The web's socket: bound once here, then shared by all web processes."""

import errno
import socket
import sys

from chat_project.embedded import ServerError

_BACKLOG = 2048
# After so long the system cuts off who takes nothing of what was written. Nobody else could: a connection that is
# closed waits for its reader.
STALLED_MILLISECONDS = 60_000


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; connections wait in it until a web process takes them.

    Raises: ServerError.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as error:
        raise ServerError(f"HOST {host} is no address of this machine") from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Accepted sockets take it over; uvicorn, which takes an inherited socket for a unix one, does not set it.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if sys.platform == "linux":
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_MILLISECONDS)
    try:
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ServerError(_refusal(host, port, error)) from error
    return listener


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use: choose another with PORT=…"
    if error.errno == errno.EACCES:
        return f"port {port} is not for plain users: choose one above 1023 with PORT=…"
    return f"{host} port {port} can't be listened on: {error.strerror}"

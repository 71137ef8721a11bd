"""One request that waits in the listening socket until the web answers."""

import socket
from collections.abc import Callable

from chat_project.serving.supervisor import Supervisor


def when_answered(supervisor: Supervisor, listener: socket.socket, *, host: str, then: Callable[[], None]) -> None:
    """Ask /healthz, and call `then` once it has answered; asked anew where the process that took the request died."""
    connection = socket.create_connection(listener.getsockname()[:2], timeout=2)
    connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())

    def hear() -> None:
        try:
            answer = connection.recv(4096)
        except OSError:
            answer = b""
        supervisor.unwatch(connection.fileno())
        connection.close()
        if answer.startswith(b"HTTP/1.1 200"):
            then()
        else:
            when_answered(supervisor, listener, host=host, then=then)

    supervisor.watch(connection.fileno(), hear)

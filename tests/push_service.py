"""A push service on loopback, and a browser that is subscribed there."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from asgiref.sync import sync_to_async
from celery import current_app
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from accounts.devices import Device
from accounts.models import User
from accounts.services.authentication import Identity
from accounts.services.push import subscribe
from accounts.services.sessions import start_session
from chat_project.core.push.encryption import point
from chat_project.core.signing import encode_bytes

CURVE = ec.SECP256R1()
PATIENCE = 20


@dataclass
class Received:
    """One request, as the push service got it."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PushService:
    """What answers at `origin`: 201, or what `answers` says for a path, with its headers."""

    origin: str
    received: list[Received] = field(default_factory=list)
    answers: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)


@contextmanager
def push_service() -> Iterator[PushService]:
    """Serve on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.received.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, headers = service.answers.get(self.path, (201, {}))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = PushService(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class SubscribedBrowser:
    """A device of a person's that is signed in and subscribed: it has the keys, so it alone can read."""

    def __init__(self, user: User, service: PushService, *, shows_text: bool = True, path: str | None = None) -> None:
        self._key = ec.generate_private_key(CURVE)
        self._auth = b"0123456789abcdef"
        session = start_session(user=user, device=Device(name="Browser", platform="Linux"))
        self.identity = Identity(user.pk, session.pk, user.auth_version)
        self.path = path or f"/{session.pk}"
        self.service = service
        subscribe(
            identity=self.identity,
            endpoint=f"{service.origin}{self.path}",
            p256dh=encode_bytes(point(self._key.public_key())),
            auth=encode_bytes(self._auth),
            shows_text=shows_text,
        )

    @property
    def requests(self) -> list[Received]:
        """What came for this device."""
        return [received for received in self.service.received if received.path == self.path]

    def notices(self) -> list[dict[str, Any]]:
        """Return what the device was told."""
        return [json.loads(self.decrypted(received.body)) for received in self.requests]

    def decrypted(self, body: bytes) -> bytes:
        """Read a body by RFC 8291, as a browser does."""
        salt, public, record = body[:16], body[21 : 21 + body[20]], body[21 + body[20] :]
        sender = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, public)
        info = b"WebPush: info\x00" + point(self._key.public_key()) + public
        secret = _hkdf(self._key.exchange(ec.ECDH(), sender), self._auth, info, 32)
        key = _hkdf(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _hkdf(secret, salt, b"Content-Encoding: nonce\x00", 12)
        padded = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\x00")
        assert padded.endswith(b"\x02")
        return padded[:-1]


def asked_pushes() -> list[tuple[list[Any], bool]]:
    """Take what waits for the worker from the broker: the arguments of each task, and whether it is for later."""
    taken = []
    with current_app.connection_for_write() as connection:
        queue = connection.SimpleQueue("push", no_ack=True)
        with queue, suppress(queue.Empty):
            while True:
                message = queue.get(block=False)
                arguments, _, _ = message.payload
                taken.append((arguments, message.headers["eta"] is not None))
    return taken


def next_asked_push() -> list[Any]:
    """Wait for the next task, and take it: its arguments."""
    with current_app.connection_for_write() as connection, connection.SimpleQueue("push", no_ack=True) as queue:
        arguments, _, _ = queue.get(timeout=PATIENCE).payload
        return list(arguments)


subscribed = sync_to_async(SubscribedBrowser)


def _hkdf(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)

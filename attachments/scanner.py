"""The scanner: clamd, asked over its socket with the file as a stream."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

from attachments.errors import ScannerUnavailableError, UnscannableError

_PORT = 3310
_SECONDS = 120
_PING_SECONDS = 2
_CHUNK = 64 * 1024
_ANSWER_BYTES = 4096
# With AlertExceedsMax, what is over a limit is "found": nothing was, and the rest of it was not looked at.
_OVER_LIMIT = "Heuristics.Limits.Exceeded"


def is_configured() -> bool:
    """Tell whether files are scanned."""
    return bool(settings.CLAMD_URL)


def answers() -> bool:
    """Tell whether there is a scanner, and it answers."""
    if not is_configured():
        return False
    try:
        with _connected(_PING_SECONDS) as clamd:
            clamd.sendall(b"zPING\0")
            return clamd.recv(16) == b"PONG\0"
    except OSError:
        return False


def find_virus(file: IO[bytes]) -> str | None:
    """Return the name of what a scanner finds in a file, or None.

    Raises ScannerUnavailableError; UnscannableError for a file over a limit of the scanner's own.
    """
    try:
        with _connected(_SECONDS) as clamd:
            answer = _asked(clamd, file)
    except OSError as error:
        raise ScannerUnavailableError(type(error).__name__) from error
    if answer == "stream: OK":
        return None
    found = answer.removeprefix("stream: ").removesuffix(" FOUND")
    if answer.startswith("INSTREAM size limit exceeded") or found.startswith(_OVER_LIMIT):
        raise UnscannableError
    if answer == f"stream: {found} FOUND":
        return found
    # A scanner without signatures, or one that broke: what was not scanned is not clean.
    raise ScannerUnavailableError(answer[:100])


@contextmanager
def _connected(seconds: float) -> Iterator[socket.socket]:
    url = urlsplit(settings.CLAMD_URL)
    if url.scheme == "tcp":
        with socket.create_connection((url.hostname, url.port or _PORT), timeout=seconds) as clamd:
            yield clamd
        return
    with socket.socket(socket.AF_UNIX) as clamd:
        clamd.settimeout(seconds)
        clamd.connect(url.path)
        yield clamd


def _asked(clamd: socket.socket, file: IO[bytes]) -> str:
    for part in _parts(file):
        try:
            clamd.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            # Who refuses a file says so and hangs up, while it is still being sent.
            break
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _ANSWER_BYTES:
        part = clamd.recv(_ANSWER_BYTES)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0").decode(errors="replace")


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    yield b"zINSTREAM\0"
    while chunk := file.read(_CHUNK):
        yield struct.pack("!L", len(chunk)) + chunk
    yield struct.pack("!L", 0)

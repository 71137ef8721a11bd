"""The scanner: clamd, asked over its socket with the file as a stream."""

import socket
import struct
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

from attachments.errors import ScannerUnavailableError

_SECONDS = 120
_CHUNK = 64 * 1024
_ANSWER_BYTES = 4096


def is_configured() -> bool:
    """Tell whether files are scanned."""
    return bool(settings.CLAMD_URL)


def find_virus(file: IO[bytes]) -> str | None:
    """Return the name of what a scanner finds in a file, or None. Raises ScannerUnavailableError."""
    url = urlsplit(settings.CLAMD_URL)
    is_unix = url.scheme == "unix"
    try:
        with socket.socket(socket.AF_UNIX if is_unix else socket.AF_INET) as clamd:
            clamd.settimeout(_SECONDS)
            clamd.connect(url.path if is_unix else (url.hostname, url.port))
            answer = _asked(clamd, file)
    except OSError as error:
        raise ScannerUnavailableError(type(error).__name__) from error
    if answer == "stream: OK":
        return None
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    # A file over its limit, or a scanner without signatures: what was not scanned is not clean.
    raise ScannerUnavailableError(answer[:100])


def _asked(clamd: socket.socket, file: IO[bytes]) -> str:
    clamd.sendall(b"zINSTREAM\0")
    while chunk := file.read(_CHUNK):
        clamd.sendall(struct.pack("!L", len(chunk)) + chunk)
    clamd.sendall(struct.pack("!L", 0))
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _ANSWER_BYTES:
        part = clamd.recv(_ANSWER_BYTES)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0").decode(errors="replace")

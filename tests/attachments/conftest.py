"""A scanner of the real kind, with signatures of its own, and a storage for each test."""

import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

# In two halves: whole, it would have scanners stop at this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + rb"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
KNOWN_BY_HASH = b"known by its hash"
FILE_MAX_BYTES = 256 * 1024
STREAM_MAX_BYTES = 512 * 1024
_PROGRAM = "/usr/sbin/clamd"
_START_SECONDS = 20


class Clamd:
    """Debian's clamd on a socket in a directory of its own."""

    def __init__(self, program: str, directory: Path) -> None:
        self._command = [program, "-c", str(directory / "clamd.conf")]
        self._socket = directory / "clamd.ctl"
        self._log = directory / "clamd.log"
        self._process: subprocess.Popen[bytes] | None = None
        signatures = directory / "signatures"
        signatures.mkdir()
        whole = hashlib.md5(EICAR, usedforsecurity=False).hexdigest()
        (signatures / "local.hdb").write_text(f"{whole}:{len(EICAR)}:Eicar-Whole\n")
        known = hashlib.sha256(KNOWN_BY_HASH).hexdigest()
        self._known_by_hash = signatures / "local.hsb"
        self._known_by_hash.write_text(f"{known}:{len(KNOWN_BY_HASH)}:Local.Bad\n")
        (signatures / "local.ndb").write_text(f"Eicar-Body:0:*:{EICAR.hex()}\n")
        (directory / "clamd.conf").write_text(
            f"DatabaseDirectory {signatures}\nLocalSocket {self._socket}\nForeground yes\n"
            f"StreamMaxLength {STREAM_MAX_BYTES}\nMaxFileSize {FILE_MAX_BYTES}\nAlertExceedsMax yes\n"
        )

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start it, if it does not run, and return when it answers."""
        if self._process is not None:
            return
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.02)

    def forget_hash(self) -> None:
        """Start again without the signature of KNOWN_BY_HASH, as if it had been a mistake."""
        self.stop()
        self._known_by_hash.unlink()
        self.start()

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_START_SECONDS)
            self._process = None

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            if connection.connect_ex(str(self._socket)):
                return False
            connection.sendall(b"zPING\0")
            return connection.recv(16) == b"PONG\0"


def clamd_program() -> str:
    """Return the scanner's path; skip the test where it is not there."""
    if not os.access(_PROGRAM, os.X_OK):
        say = pytest.fail if os.environ.get("REQUIRE_ALL") == "1" else pytest.skip
        say("clamd is not there: apt-get install clamav-daemon")
    return _PROGRAM


@pytest.fixture
def clamd(settings: LazySettings) -> Iterator[Clamd]:
    """A running scanner, which the settings name."""
    # The path of a socket is short: the directories of tests are not.
    directory = Path(tempfile.mkdtemp(prefix="clamd"))
    scanner = Clamd(clamd_program(), directory)
    settings.CLAMD_URL = scanner.url
    try:
        scanner.start()
        yield scanner
    finally:
        scanner.stop()
        shutil.rmtree(directory)


@pytest.fixture(autouse=True)
def _storage(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()

"""A server that speaks like S3, in a process of its own. What it signs for nobody checks: policies are read instead."""

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

START_SECONDS = 60
NAME = "chat-files"
KEYS = {"access_key": "an-id", "secret_key": "a-secret"}


class BucketServer:
    """moto, with one empty bucket after each `clear`."""

    def __init__(self, directory: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self._log = directory / "bucket.log"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def storage(self) -> dict[str, object]:
        """What the setting STORAGES has for `default`."""
        options = {"bucket_name": NAME, "endpoint_url": self.url, "region_name": "us-east-1", **KEYS}
        return {"BACKEND": "chat_project.core.storage.bucket.BucketStorage", "OPTIONS": options}

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/moto-api/", timeout=5):
                    return
            except OSError:
                assert self._process.poll() is None, self._log.read_text()
                assert time.monotonic() < deadline, self._log.read_text()
                time.sleep(0.05)

    def clear(self) -> None:
        """Forget all objects, and make the bucket."""
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/moto-api/reset", method="POST"), timeout=30).close()
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/{NAME}", method="PUT"), timeout=30).close()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)

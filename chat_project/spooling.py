"""Bodies of requests as files: a small one in memory, a large one on the disk, written by other threads."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager, suppress
from typing import IO

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from chat_project.core.api.body_limit import Receive
from chat_project.core.errors import BodyStalledError, StorageFullError, is_disk_full

# How much waits in memory to be written at once: each write is a way to a thread and back.
GATHERED_BYTES = 256 * 1024
# How long a client may send nothing of a body that it began.
IDLE_SECONDS = 30.0


async def spooled(receive: Receive, threads: Executor) -> tuple[IO[bytes], int]:
    """Return a body, at its start, and its length. The file has no name: who closes it deletes it.

    Raises: RequestAborted where the client leaves before its end, BodyStalledError, StorageFullError, and what
    `receive` does.
    """
    try:
        with ExitStack() as stack:
            body = stack.enter_context(
                tempfile.SpooledTemporaryFile(
                    max_size=settings.REQUEST_MAX_BYTES, dir=os.fspath(settings.FILE_UPLOAD_TEMP_DIR)
                )
            )
            size = await _fill(body, receive, threads)
            stack.pop_all()
            return body, size
    except TimeoutError:
        raise BodyStalledError from None
    except OSError as error:
        if is_disk_full(error):
            raise StorageFullError from None
        raise


class TidyUploadHandler(TemporaryFileUploadHandler):
    """Django's own for large files of forms; what it could not write to the end it takes away at once."""

    file: TemporaryUploadedFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        with self._gone_on_failure():
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        with self._gone_on_failure():
            return super().file_complete(file_size)

    @contextmanager
    def _gone_on_failure(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            # It still has something to write, and fails once more.
            with suppress(OSError):
                self.file.close()
            raise


async def _fill(body: IO[bytes], receive: Receive, threads: Executor) -> int:
    loop = asyncio.get_running_loop()
    size = 0
    gathered = bytearray()
    has_more = True
    while has_more:
        async with asyncio.timeout(IDLE_SECONDS):
            message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestAborted
        chunk = message.get("body", b"")
        has_more = message.get("more_body", False)
        size += len(chunk)
        if size <= settings.REQUEST_MAX_BYTES:
            body.write(chunk)
            continue
        gathered += chunk
        if len(gathered) >= GATHERED_BYTES or not has_more:
            await loop.run_in_executor(threads, body.write, bytes(gathered))
            gathered.clear()
    body.seek(0)
    return size

"""Stored objects as answers: by the storage itself, by the proxy in front, or a chunk at a time from here."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import orjson
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import content_disposition_header

from chat_project.core.api.problems import CONTENT_TYPE
from chat_project.core.errors import RangeOutsideError
from chat_project.core.storage import objects

# How long an address of the storage is good, and how long a browser may use it again that was led there.
DOWNLOAD_SECONDS = 60
REUSED_SECONDS = 30
# Browsers show and play these, and run nothing in them. Whatever else there is, is a download.
INLINE_TYPES = frozenset(
    {
        "image/avif",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "audio/aac",
        "audio/flac",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "audio/webm",
        "video/mp4",
        "video/ogg",
        "video/webm",
    }
)

_CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class StoredFileResponse(StreamingHttpResponse):
    """Bytes that come from a file alone: while they are sent, no database is asked."""


def file_response(
    request: HttpRequest,
    *,
    key: str,
    content_type: str,
    file_name: str,
    as_download: bool = False,
    is_reusable: bool = False,
) -> HttpResponseBase:
    """Return a stored object, or what leads to it. To be called when it was judged that the caller may have it.

    The way to the storage is asked for each time, unless `is_reusable`: then a browser goes it again for a while.
    Raises FileNotFoundError where the storage of this machine has it not.
    """
    disposition = content_disposition_header(as_download or content_type not in INLINE_TYPES, file_name) or "inline"
    address = objects.download_url(
        key,
        method=request.method or "GET",
        content_type=content_type,
        disposition=disposition,
        seconds=DOWNLOAD_SECONDS,
    )
    if address is not None:
        response: HttpResponseBase = HttpResponseRedirect(address)
        if is_reusable:
            # No longer than who was led there could go on by themselves.
            response["Cache-Control"] = f"private, max-age={REUSED_SECONDS}"
            patch_vary_headers(response, ("Authorization", "Cookie"))
            return response
    elif settings.X_ACCEL_LOCATION:
        response = HttpResponse(headers={"X-Accel-Redirect": settings.X_ACCEL_LOCATION + quote(key)})
        _describe(response, content_type, disposition)
    else:
        response = _from_here(request, key, content_type, disposition)
    # Kept by the browser, and asked for again each time: what may be seen can change.
    response["Cache-Control"] = "private, no-cache"
    return response


def _from_here(request: HttpRequest, key: str, content_type: str, disposition: str) -> HttpResponseBase:
    # Keys are random and never used twice, so a key stands for its bytes.
    etag = f'"{key.rpartition("/")[2]}"'
    response = get_conditional_response(request, etag=etag) or _part(request, key, etag)
    response["ETag"] = etag
    if response.status_code in (200, 206):
        _describe(response, content_type, disposition)
        response["Accept-Ranges"] = "bytes"
    return response


def _describe(response: HttpResponseBase, content_type: str, disposition: str) -> None:
    response["Content-Type"] = content_type
    response["Content-Disposition"] = disposition
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"


def _part(request: HttpRequest, key: str, etag: str) -> HttpResponseBase:
    file = default_storage.open(key)
    size = file.size
    wanted = _wanted(request, size, etag)
    if wanted is None:
        file.close()
        error = RangeOutsideError()
        headers = {"Content-Range": f"bytes */{size}", "Content-Type": CONTENT_TYPE}
        return HttpResponse(orjson.dumps(error.problem()), status=error.status, headers=headers)
    start, end = wanted
    is_part = (start, end) != (0, size)
    # The server sends nothing of what a HEAD would bring: it is not read either.
    part = _Slice(file, start, start if request.method == "HEAD" else end)
    response = StoredFileResponse(part, status=206 if is_part else 200)
    response["Content-Length"] = str(end - start)
    if is_part:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _wanted(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """Return where the answer begins and ends; None for a range that lies outside. Several ranges are the whole."""
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None or match[0] == "bytes=-" or request.headers.get("If-Range", etag) != etag:
        return 0, size
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size) if int(last) else None
    start, end = int(first), min(size, int(last) + 1) if last else size
    if last and int(last) < int(first):
        return 0, size
    return (start, end) if start < size else None


class _Slice:
    """A part of a file, a chunk at a time; closing it closes the file."""

    def __init__(self, file: "File[bytes]", start: int, end: int) -> None:
        self._file = file
        self._left = end - start
        file.seek(start)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk: bytes = self._file.read(min(_CHUNK, self._left)) if self._left else b""
        if not chunk:
            raise StopIteration
        self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        self._file.close()

"""Stored bytes as an answer: whole, or the part that a Range asks for, a chunk at a time."""

import re
from collections.abc import Iterator

import orjson
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from attachments.errors import AttachmentNotFoundError, RangeOutsideError
from chat_project.core.api.problems import CONTENT_TYPE

_CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def file_response(request: HttpRequest, *, key: str, content_type: str, file_name: str) -> HttpResponseBase:
    """Return a stored object; a picture inline, all else as a download. Raises AttachmentNotFoundError."""
    # Keys are random and never used twice, so a key stands for its bytes.
    etag = f'"{key.rpartition("/")[2]}"'
    response = get_conditional_response(request, etag=etag) or _part(request, key, etag)
    if response.status_code in (200, 206):
        response["Content-Type"] = content_type
        is_download = not content_type.startswith("image/")
        response["Content-Disposition"] = content_disposition_header(is_download, file_name) or "inline"
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    # Kept by the browser, and asked for again each time: what may be seen can change.
    response["Cache-Control"] = "private, no-cache"
    return response


def _part(request: HttpRequest, key: str, etag: str) -> HttpResponseBase:
    try:
        file = default_storage.open(key)
    except FileNotFoundError:
        raise AttachmentNotFoundError from None
    size = file.size
    wanted = _wanted(request, size, etag)
    if wanted is None:
        file.close()
        error = RangeOutsideError()
        headers = {"Content-Range": f"bytes */{size}", "Content-Type": CONTENT_TYPE}
        return HttpResponse(orjson.dumps(error.problem()), status=error.status, headers=headers)
    start, end = wanted
    is_part = (start, end) != (0, size)
    response = StreamingHttpResponse(_chunks(file, start, end), status=206 if is_part else 200)
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


def _chunks(file: "File[bytes]", start: int, end: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = end - start
        while left and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk

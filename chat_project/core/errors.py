"""The one family of errors that services raise and every interface renders as a problem (RFC 9457)."""

import errno
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any


class ApplicationError(Exception):
    """Something that the caller must be told, with a stable `code` for programs and a `detail` for people.

    `errors` maps a field to its messages. `retry_after` is in seconds. `extra` joins the problem's members.
    """

    status: int = 400
    code: str = "invalid"
    detail: str = "The request is not valid."

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
        retry_after: float | None = None,
        **extra: Any,
    ) -> None:
        self.detail = detail or self.detail
        self.code = code or self.code
        self.errors = {field: list(messages) for field, messages in (errors or {}).items()}
        self.retry_after = retry_after
        self.extra = extra
        super().__init__(self.detail)

    def problem(self) -> dict[str, Any]:
        """Return the body that REST answers and sockets reply with."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.extra,
        }
        if self.errors:
            body["errors"] = self.errors
        if self.retry_after is not None:
            body["retry_after"] = max(1, round(self.retry_after + 0.5))
        return body


class InvalidError(ApplicationError):
    """400: what was given is not valid; `errors` names the fields."""

    @classmethod
    def of(cls, field: str, message: str, *, code: str = "invalid") -> "InvalidError":
        """Return the error of one field."""
        return cls(code=code, errors={field: [message]})


class NotAuthenticatedError(ApplicationError):
    """401: nobody is signed in."""

    status = 401
    code = "not_authenticated"
    detail = "Sign in to do this."


class NotAllowedError(ApplicationError):
    """403: signed in, but not allowed."""

    status = 403
    code = "not_allowed"
    detail = "You are not allowed to do this."


class NotFoundError(ApplicationError):
    """404: it is not there, or not for you to know of."""

    status = 404
    code = "not_found"
    detail = "There is no such thing, or you may not see it."


class ConflictError(ApplicationError):
    """409: it contradicts what stands."""

    status = 409
    code = "conflict"
    detail = "This contradicts what stands."


class PayloadTooLargeError(ApplicationError):
    """413: the body is over its limit."""

    status = 413
    code = "too_large"
    detail = "The request is too large."


class BodyStalledError(ApplicationError):
    """408: a body was begun, and its rest does not come."""

    status = 408
    code = "timeout"
    detail = "The rest of the request did not come in time."


class RangeOutsideError(ApplicationError):
    """416: the range begins after the file's end."""

    status = 416
    code = "range_outside"
    detail = "The file has no such range."


class TooManyRequestsError(ApplicationError):
    """429: too much, too fast; `retry_after` says when to come back."""

    status = 429
    code = "rate_limited"
    detail = "Too many requests. Wait a little and try again."


class UnavailableError(ApplicationError):
    """503: a part that the call needs is down."""

    status = 503
    code = "unavailable"
    detail = "A part that this needs is not available. Try again in a moment."

    def __init__(self, detail: str | None = None, *, retry_after: float = 1, **extra: Any) -> None:
        super().__init__(detail, retry_after=retry_after, **extra)


class StorageFullError(UnavailableError):
    """503: the disk is full, or what is left of it is kept for messages."""

    code = "storage_full"
    detail = "There is no room for files at present."

    def __init__(self) -> None:
        super().__init__(retry_after=300)


def is_disk_full(error: OSError) -> bool:
    """Tell whether a write failed because there is no room: of the disk, of a quota, or for a file so large."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

"""Every error under /api/ as `application/problem+json` (RFC 9457), whoever raised it."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.response import Response

from chat_project.core.errors import (
    ApplicationError,
    InvalidError,
    NotAllowedError,
    NotAuthenticatedError,
    NotFoundError,
    PayloadTooLargeError,
    StorageFullError,
    TooManyRequestsError,
    UnavailableError,
    is_disk_full,
)

CONTENT_TYPE = "application/problem+json"
API_PREFIX = "/api/"
DOWN = (OperationalError, InterfaceError, PoolTimeout, RedisError, BotoCoreError, ClientError)

logger = logging.getLogger(__name__)

# What Django and DRF refuse by themselves, by status.
_CODES = {
    400: "invalid",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    414: "uri_too_long",
    415: "unsupported_media_type",
    429: "rate_limited",
    503: "unavailable",
}


def as_application_error(exception: Exception) -> ApplicationError:
    """Return the error to tell of `exception`; what nobody foresaw is logged and becomes a bare 500."""
    match exception:
        case ApplicationError():
            return exception
        case Http404():
            return NotFoundError()
        case exceptions.ValidationError():
            return InvalidError(errors=flattened(exception.detail))
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return NotAuthenticatedError()
        case exceptions.Throttled():
            return TooManyRequestsError(retry_after=getattr(exception, "wait", None))
        case PermissionDenied() | exceptions.PermissionDenied():
            return NotAllowedError()
        case exceptions.APIException():
            return error_of_status(exception.status_code, str(exception.detail))
        case OSError() if is_disk_full(exception):
            logger.error("the disk is full")
            return StorageFullError()
        case _ if isinstance(exception, DOWN):
            logger.warning("a part is down: %s", type(exception).__name__)
            return UnavailableError()
        case _:
            logger.error("unforeseen error", exc_info=exception)
            return error_of_status(500)


def error_of_status(status: int, detail: str | None = None) -> ApplicationError:
    """Return the plain error of an HTTP status."""
    if status == 413:
        return PayloadTooLargeError()
    error = ApplicationError(detail or HTTPStatus(status).phrase, code=_CODES.get(status, "internal_error"))
    error.status = status
    return error


def flattened(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Return DRF's nested error details as field paths (`settings.slow_mode_seconds`) with their messages."""
    if isinstance(detail, dict):
        fields: dict[str, list[str]] = {}
        for key, value in detail.items():
            path = f"{prefix}.{key}" if prefix else str(key)
            fields.update(flattened(value, path))
        return fields
    messages = detail if isinstance(detail, list) else [detail]
    if any(isinstance(message, (dict, list)) for message in messages):
        nested: dict[str, list[str]] = {}
        for position, message in enumerate(messages):
            if message:
                nested.update(flattened(message, f"{prefix}.{position}"))
        return nested
    return {prefix or "non_field_errors": [str(message) for message in messages]}


def headers_of(error: ApplicationError) -> dict[str, str]:
    """Return the headers that go with an error's body."""
    headers = {"Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.problem()["retry_after"])
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def problem_response(error: ApplicationError) -> HttpResponse:
    """Return an error outside DRF's views."""
    return HttpResponse(
        orjson.dumps(error.problem()), status=error.status, content_type=CONTENT_TYPE, headers=headers_of(error)
    )


def exception_handler(exception: Exception, context: dict[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER."""
    error = as_application_error(exception)
    headers = headers_of(error)
    if isinstance(exception, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    return Response(error.problem(), status=error.status, content_type=CONTENT_TYPE, headers=headers)


class ProblemMiddleware:
    """Renders what is refused outside DRF's views under /api/: unknown addresses, CSRF, hosts, crashes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path_info.startswith(API_PREFIX):
            return response
        if response.status_code >= 400 and "json" not in response.get("Content-Type", ""):
            return problem_response(error_of_status(response.status_code))
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not request.path_info.startswith(API_PREFIX):
            return None
        return problem_response(as_application_error(exception))

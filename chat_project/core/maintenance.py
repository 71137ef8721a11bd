"""A copy that is being worked on: everything is answered with 503, and says when to come again."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chat_project.core.api.problems import API_PREFIX, problem_response
from chat_project.core.errors import UnavailableError

RETRY_SECONDS = 60
# What watches the copy goes on being answered.
_OPEN = frozenset({"/healthz", "/readyz", "/metrics"})


class MaintenanceMiddleware:
    """Answers in the place of all pages and of the API while MAINTENANCE is on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.MAINTENANCE:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in _OPEN:
            return self.get_response(request)
        if request.path_info.startswith(API_PREFIX):
            return problem_response(UnavailableError("This copy is being worked on.", retry_after=RETRY_SECONDS))
        response = render(request, "503.html", status=503)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        response.headers["Cache-Control"] = "no-store"
        return response
